//! awsJson1.1: the operation in `x-amz-target`, JSON both ways.

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value, json};

use super::Service;
use crate::sim::call::{Call, Fault, Params, Refusal};
use crate::sim::refusals::refuse;

/// Reads `x-amz-target: Prefix.Operation` and the JSON body.
pub fn decode(service: &Service, request: &Request<Bytes>) -> Result<Call, Fault> {
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match target.split_once('.') {
        Some((prefix, operation)) if prefix == service.version => Ok(Call {
            service: service.name.to_owned(),
            operation: operation.to_owned(),
            params: Params::new(members(request.body())?),
        }),
        _ => Err(Fault::gap(format!("{}:x-amz-target={target}", service.name))),
    }
}

/// The members of a JSON body; an empty body has none. Anything but an object is refused.
pub fn members(body: &[u8]) -> Result<Map<String, Value>, Fault> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(refuse("unreadable", &[("message", "The body is not a JSON object.")])),
        Err(error) => Err(refuse("unreadable", &[("message", &error.to_string())])),
    }
}

/// The answer; null becomes `{}`.
pub fn encode(answer: &Value) -> String {
    if answer.is_null() { "{}".to_owned() } else { answer.to_string() }
}

/// `{"__type": code, "message": …}`.
pub fn encode_refusal(refusal: &Refusal) -> String {
    json!({ "__type": refusal.code, "message": refusal.message }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(target: &str, body: &'static str) -> Request<Bytes> {
        let builder = Request::post("https://servicequotas.us-east-2.amazonaws.com/").header("x-amz-target", target);
        builder.body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    #[test]
    fn the_target_names_the_operation() {
        let service = Service::named("servicequotas").unwrap();
        let request = post("ServiceQuotasV20190624.GetServiceQuota", r#"{"QuotaCode":"L-1","MaxResults":5}"#);
        let mut call = decode(service, &request).unwrap();
        assert_eq!(call.operation, "GetServiceQuota");
        assert_eq!((call.params.text("QuotaCode").as_deref(), call.params.int("MaxResults")), (Some("L-1"), Some(5)));
        let other = decode(service, &post("Other.GetServiceQuota", "{}")).unwrap_err();
        assert_eq!(other, Fault::gap("servicequotas:x-amz-target=Other.GetServiceQuota"));
        assert!(matches!(decode(service, &post("ServiceQuotasV20190624.X", "[1]")), Err(Fault::Refused(_))));
    }
}
