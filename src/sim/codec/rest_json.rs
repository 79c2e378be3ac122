//! restJson1: the operation is a method and a path; labels, query string and JSON body are its members.

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::eks_routes::{ROUTES, Route};
use super::{Service, aws_json};
use crate::sim::call::{Call, Fault, Params, Refusal};

/// Finds the route and merges body, query string and labels; where names collide, the path wins.
pub fn decode(service: &Service, request: &Request<Bytes>) -> Result<Call, Fault> {
    let (method, path) = (request.method().as_str(), request.uri().path());
    let found = ROUTES.iter().find_map(|route| Some((route, labels(route, method, path)?)));
    let Some((route, labels)) = found else {
        return Err(Fault::gap(format!("{}:{method} {path}", service.name)));
    };
    let mut members = aws_json::members(request.body())?;
    for (name, value) in url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        add_query(&mut members, &name, &value, route.3);
    }
    members.extend(labels);
    Ok(Call { service: service.name.to_owned(), operation: route.2.to_owned(), params: Params::new(members) })
}

fn add_query(members: &mut Map<String, Value>, name: &str, value: &str, lists: &[&str]) {
    if !lists.contains(&name) {
        members.insert(name.to_owned(), Value::from(value));
        return;
    }
    match members.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
        Value::Array(items) => items.push(Value::from(value)),
        other => *other = json!([value]),
    }
}

/// The labels of the path if it fits the template; each is decoded only after the split, as an ARN holds `%2F`.
fn labels(route: &Route, method: &str, path: &str) -> Option<Map<String, Value>> {
    let (wanted, given): (Vec<&str>, Vec<&str>) = (route.1.split('/').collect(), path.split('/').collect());
    if route.0 != method || wanted.len() != given.len() {
        return None;
    }
    let mut labels = Map::new();
    for (template, segment) in wanted.into_iter().zip(given) {
        match template.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) if !segment.is_empty() => {
                let text = percent_decode_str(segment).decode_utf8().ok()?;
                labels.insert(name.to_owned(), Value::from(text.as_ref()));
            }
            None if template == segment => {}
            _ => return None,
        }
    }
    Some(labels)
}

/// The answer; null becomes `{}`.
pub fn encode(answer: &Value) -> String {
    aws_json::encode(answer)
}

/// `{"message": …}`; the code goes into the header `x-amzn-errortype`.
pub fn encode_refusal(refusal: &Refusal) -> String {
    json!({ "message": refusal.message }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &str, uri: &str, body: &'static str) -> Result<Call, Fault> {
        let uri = format!("https://eks.us-east-2.amazonaws.com{uri}");
        let request = Request::builder().method(method).uri(uri).body(Bytes::from_static(body.as_bytes())).unwrap();
        decode(Service::named("eks").unwrap(), &request)
    }

    #[test]
    fn labels_query_and_body_become_members() {
        let mut made = call("POST", "/clusters/orbit/node-groups", r#"{"nodegroupName":"g","subnets":["s"]}"#).unwrap();
        assert_eq!(made.operation, "CreateNodegroup");
        assert_eq!(made.params.text("clusterName").as_deref(), Some("orbit"));
        assert_eq!(made.params.list("subnets"), vec![json!("s")]);

        let mut listed =
            call("GET", "/addons/supported-versions?owners=aws&owners=community&maxResults=5", "").unwrap();
        assert_eq!(listed.operation, "DescribeAddonVersions");
        assert_eq!(listed.params.list("owners"), vec![json!("aws"), json!("community")]);
        assert_eq!(listed.params.int("maxResults"), Some(5));
    }

    #[test]
    fn an_arn_in_the_path_is_decoded_after_the_split() {
        let mut call =
            call("GET", "/clusters/orbit/access-entries/arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fpath%2Fr", "").unwrap();
        assert_eq!(call.operation, "DescribeAccessEntry");
        assert_eq!(call.params.text("principalArn").as_deref(), Some("arn:aws:iam::1:role/path/r"));
    }

    #[test]
    fn the_same_path_means_another_operation_with_another_method() {
        assert_eq!(call("GET", "/clusters/orbit/updates", "").unwrap().operation, "ListUpdates");
        assert_eq!(call("POST", "/clusters/orbit/updates", "{}").unwrap().operation, "UpdateClusterVersion");
        assert_eq!(
            call("PUT", "/clusters/orbit/updates", "").unwrap_err(),
            Fault::gap("eks:PUT /clusters/orbit/updates")
        );
    }

    #[test]
    fn no_two_routes_fit_one_request() {
        for (at, (method, template, operation, _)) in ROUTES.iter().enumerate() {
            for route in &ROUTES[at + 1..] {
                let fits = labels(route, method, template).is_some();
                assert!(!fits, "{operation} and {} share {method} {template}", route.2);
            }
        }
    }
}
