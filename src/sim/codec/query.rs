//! ec2Query and awsQuery: form fields in, XML out.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

use super::{Service, form, xml};
use crate::sim::call::{Call, Fault, Params, Refusal};
use crate::sim::refusals::refuse;

/// Reads the form body, or the query string of a presigned GET.
pub fn decode(service: &Service, request: &Request<Bytes>) -> Result<Call, Fault> {
    let text: &[u8] = if request.method() == Method::GET {
        request.uri().query().unwrap_or_default().as_bytes()
    } else {
        request.body()
    };
    let fields = url::form_urlencoded::parse(text)
        .filter(|(name, _)| !name.starts_with("X-Amz-"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()));
    let unreadable = |name: String| refuse("unreadable", &[("message", &format!("The field {name} is malformed."))]);
    let mut params = Params::new(form::nest(fields).map_err(unreadable)?);
    let operation = params.text("Action").ok_or_else(|| unreadable("Action".to_owned()))?;
    let version = params.text("Version").unwrap_or_default();
    if version != service.version {
        return Err(Fault::gap(format!("{}:{operation}.Version={version}", service.name)));
    }
    Ok(Call { service: service.name.to_owned(), operation, params })
}

/// `<OpResponse xmlns=…><requestId/>…</OpResponse>` with lists as `item`.
pub fn encode_ec2(service: &Service, operation: &str, request_id: &str, answer: &Value) -> String {
    let mut out = opened(&format!("{operation}Response"), service.namespace);
    xml::element(&mut out, "requestId", &Value::from(request_id), "item");
    xml::content(&mut out, answer, "item");
    closed(out, &format!("{operation}Response"))
}

/// `<OpResponse xmlns=…><OpResult>…</OpResult><ResponseMetadata/></OpResponse>` with lists as `member`.
pub fn encode_aws(service: &Service, operation: &str, request_id: &str, answer: &Value) -> String {
    let mut out = opened(&format!("{operation}Response"), service.namespace);
    xml::element(&mut out, &format!("{operation}Result"), answer, "member");
    xml::element(&mut out, "ResponseMetadata", &serde_json::json!({ "RequestId": request_id }), "member");
    closed(out, &format!("{operation}Response"))
}

/// `<Response><Errors><Error>…`.
pub fn refuse_ec2(request_id: &str, refusal: &Refusal) -> String {
    let error = serde_json::json!({ "Code": refusal.code, "Message": refusal.message });
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let body = serde_json::json!({ "Errors": { "Error": error }, "RequestID": request_id });
    xml::element(&mut out, "Response", &body, "item");
    out
}

/// `<ErrorResponse xmlns=…><Error>…`.
pub fn refuse_aws(service: &Service, request_id: &str, refusal: &Refusal) -> String {
    let kind = if refusal.status < 500 { "Sender" } else { "Receiver" };
    let error = serde_json::json!({ "Type": kind, "Code": refusal.code, "Message": refusal.message });
    let mut out = opened("ErrorResponse", service.namespace);
    xml::content(&mut out, &serde_json::json!({ "Error": error, "RequestId": request_id }), "member");
    closed(out, "ErrorResponse")
}

fn opened(root: &str, namespace: &str) -> String {
    format!("<{root} xmlns=\"{namespace}\">")
}

fn closed(mut out: String, root: &str) -> String {
    out.push_str("</");
    out.push_str(root);
    out.push('>');
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn post(body: &'static str) -> Request<Bytes> {
        Request::post("https://iam.amazonaws.com/").body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    #[test]
    fn a_form_body_becomes_a_call() {
        let iam = Service::named("iam").unwrap();
        let body =
            "Action=TagRole&Version=2010-05-08&RoleName=a%2Fb+c&Tags.member.1.Key=k%3D%26&Tags.member.1.Value=%C3%A9";
        let mut call = decode(iam, &post(body)).unwrap();
        assert_eq!((call.service.as_str(), call.operation.as_str()), ("iam", "TagRole"));
        assert_eq!(call.params.text("RoleName").as_deref(), Some("a/b c"));
        assert_eq!(call.params.list("Tags"), vec![json!({"Key": "k=&", "Value": "é"})]);
        assert_eq!(call.params.untaken(), Vec::<String>::new());
    }

    #[test]
    fn another_api_version_is_a_gap_and_a_broken_body_is_refused() {
        let iam = Service::named("iam").unwrap();
        let gap = decode(iam, &post("Action=GetRole&Version=1999-01-01")).unwrap_err();
        assert_eq!(gap, Fault::gap("iam:GetRole.Version=1999-01-01"));
        assert!(matches!(decode(iam, &post("RoleName=x")), Err(Fault::Refused(_))));
        assert!(matches!(decode(iam, &post("Action=A&Version=2010-05-08&L.1=a&L.x=b")), Err(Fault::Refused(_))));
    }

    #[test]
    fn both_dialects_of_xml_are_written() {
        let answer = json!({"list": ["a&b", {"n": 1}]});
        let ec2 = encode_ec2(Service::named("ec2").unwrap(), "Op", "r-1", &answer);
        assert_eq!(
            ec2,
            "<OpResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r-1</requestId>\
             <list><item>a&amp;b</item><item><n>1</n></item></list></OpResponse>"
        );
        let iam = encode_aws(Service::named("iam").unwrap(), "Op", "r-1", &answer);
        assert_eq!(
            iam,
            "<OpResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><OpResult><list><member>a&amp;b</member>\
             <member><n>1</n></member></list></OpResult><ResponseMetadata><RequestId>r-1</RequestId>\
             </ResponseMetadata></OpResponse>"
        );
    }
}
