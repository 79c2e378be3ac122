//! Launch template data: request names to response names, and nothing that the simulator does not know.

use serde_json::{Map, Value, json};

use crate::sim::call::Fault;
use crate::sim::services::ec2::query::{invalid_value, text, texts};

/// How a member of the request becomes one of the response.
enum Kind {
    Plain,
    Texts,
    One(&'static [Field]),
    Many(&'static [Field]),
}

/// Request name, response name, shape.
type Field = (&'static str, &'static str, Kind);

use Kind::{Many, One, Plain, Texts};

const EBS: &[Field] = &[
    ("Encrypted", "encrypted", Plain),
    ("DeleteOnTermination", "deleteOnTermination", Plain),
    ("Iops", "iops", Plain),
    ("KmsKeyId", "kmsKeyId", Plain),
    ("VolumeSize", "volumeSize", Plain),
    ("VolumeType", "volumeType", Plain),
    ("Throughput", "throughput", Plain),
];
const DEVICE: &[Field] = &[("DeviceName", "deviceName", Plain), ("Ebs", "ebs", One(EBS))];
const INTERFACE: &[Field] = &[
    ("AssociatePublicIpAddress", "associatePublicIpAddress", Plain),
    ("DeleteOnTermination", "deleteOnTermination", Plain),
    ("Description", "description", Plain),
    ("DeviceIndex", "deviceIndex", Plain),
    ("SecurityGroupId", "groupSet", Texts),
    ("InterfaceType", "interfaceType", Plain),
    ("SecondaryPrivateIpAddressCount", "secondaryPrivateIpAddressCount", Plain),
    ("SubnetId", "subnetId", Plain),
    ("NetworkCardIndex", "networkCardIndex", Plain),
];
const TAG: &[Field] = &[("Key", "key", Plain), ("Value", "value", Plain)];
const TAGS: &[Field] = &[("ResourceType", "resourceType", Plain), ("Tag", "tagSet", Many(TAG))];
const METADATA: &[Field] = &[
    ("HttpTokens", "httpTokens", Plain),
    ("HttpPutResponseHopLimit", "httpPutResponseHopLimit", Plain),
    ("HttpEndpoint", "httpEndpoint", Plain),
    ("InstanceMetadataTags", "instanceMetadataTags", Plain),
];
const PROFILE: &[Field] = &[("Arn", "arn", Plain), ("Name", "name", Plain)];
const PLACEMENT: &[Field] =
    &[("GroupName", "groupName", Plain), ("Tenancy", "tenancy", Plain), ("GroupId", "groupId", Plain)];
const MARKET: &[Field] = &[("MarketType", "marketType", Plain)];
const TARGET: &[Field] = &[
    ("CapacityReservationId", "capacityReservationId", Plain),
    ("CapacityReservationResourceGroupArn", "capacityReservationResourceGroupArn", Plain),
];
const RESERVATION: &[Field] = &[
    ("CapacityReservationPreference", "capacityReservationPreference", Plain),
    ("CapacityReservationTarget", "capacityReservationTarget", One(TARGET)),
];
const MONITORING: &[Field] = &[("Enabled", "enabled", Plain)];
const DATA: &[Field] = &[
    ("BlockDeviceMapping", "blockDeviceMappingSet", Many(DEVICE)),
    ("NetworkInterface", "networkInterfaceSet", Many(INTERFACE)),
    ("ImageId", "imageId", Plain),
    ("InstanceType", "instanceType", Plain),
    ("EbsOptimized", "ebsOptimized", Plain),
    ("KeyName", "keyName", Plain),
    ("Monitoring", "monitoring", One(MONITORING)),
    ("Placement", "placement", One(PLACEMENT)),
    ("InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior", Plain),
    ("UserData", "userData", Plain),
    ("TagSpecification", "tagSpecificationSet", Many(TAGS)),
    ("SecurityGroupId", "securityGroupIdSet", Texts),
    ("IamInstanceProfile", "iamInstanceProfile", One(PROFILE)),
    ("InstanceMarketOptions", "instanceMarketOptions", One(MARKET)),
    ("CapacityReservationSpecification", "capacityReservationSpecification", One(RESERVATION)),
    ("MetadataOptions", "metadataOptions", One(METADATA)),
];

/// Reads `LaunchTemplateData` into response names, with the defaults that EC2 shows on a read.
pub fn read(data: &Value) -> Result<Value, Fault> {
    if text(data, "UserData").is_some_and(|encoded| encoded.len() / 4 * 3 > 16_384 + 2) {
        return Err(invalid_value("User data is limited to 16384 bytes"));
    }
    let mut read = convert("LaunchTemplateData", data, DATA)?;
    if let Some(options) = read.get_mut("metadataOptions").and_then(Value::as_object_mut) {
        for (name, value) in [("state", "pending"), ("httpEndpoint", "enabled"), ("httpTokens", "optional")] {
            options.entry(name).or_insert_with(|| json!(value));
        }
    }
    Ok(read)
}

/// `data` of a version as EC2 shows it: tags of the template itself come back as one more tag specification.
pub fn shown(data: &Value, template_tags: &Value) -> Value {
    let mut data = data.clone();
    if let (Some(members), true) = (data.as_object_mut(), template_tags.is_array()) {
        let own = json!({"resourceType": "launch-template", "tagSet": template_tags});
        match members.get_mut("tagSpecificationSet").and_then(Value::as_array_mut) {
            Some(list) => list.push(own),
            None => {
                members.insert("tagSpecificationSet".to_owned(), json!([own]));
            }
        }
    }
    data
}

fn convert(path: &str, value: &Value, fields: &[Field]) -> Result<Value, Fault> {
    let mut out = Map::new();
    for (name, member) in value.as_object().into_iter().flatten() {
        let Some((_, renamed, kind)) = fields.iter().find(|(request, ..)| request == name) else {
            return Err(Fault::gap(format!("ec2:{path}.{name}")));
        };
        let inner = format!("{path}.{name}");
        let converted = match kind {
            Plain => member.clone(),
            Texts => json!(texts(Some(member))),
            One(fields) => convert(&inner, member, fields)?,
            Many(fields) => {
                let items = member.as_array().map(Vec::as_slice).unwrap_or_default();
                Value::Array(items.iter().map(|item| convert(&inner, item, fields)).collect::<Result<_, _>>()?)
            }
        };
        out.insert((*renamed).to_owned(), converted);
    }
    Ok(Value::Object(out))
}
