//! What an operator can do about the reasons that EKS and EC2 Auto Scaling give for missing nodes. Pure.

/// Advice for a node group health code or an EC2 error code (EKS API `NodegroupIssueCode`, EC2 error codes);
/// nothing for a code that is not known.
pub fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "InsufficientFreeAddresses" | "InsufficientFreeAddressesInSubnet" => {
            "choose a subnet with more free addresses (GPU_SUBNET) or fewer nodes (GPU_DESIRED_SIZE): eks-wizard preflight \
             shows the nodes that fit"
        }
        "InstanceLimitExceeded" | "VcpuLimitExceeded" | "MaxSpotInstanceCountExceeded" => {
            "ask for more in Service Quotas (Running On-Demand P instances is L-417A185B, spot L-7212CCBC), or lower \
             GPU_DESIRED_SIZE"
        }
        "InsufficientInstanceCapacity" | "InsufficientCapacity" | "UnfulfillableCapacity" => {
            "EC2 has none of this type in this zone now: wait (Auto Scaling goes on trying), use a reservation or a \
             Capacity Block (GPU_CAPACITY), or a subnet in another zone"
        }
        "ReservationCapacityExceeded" => "the capacity reservation has too few free instances: lower GPU_DESIRED_SIZE",
        "AsgInstanceLaunchFailures" => {
            "read the Auto Scaling activities: aws autoscaling describe-scaling-activities --auto-scaling-group-name …"
        }
        "Ec2LaunchTemplateInvalidConfiguration" | "Ec2LaunchTemplateNotFound" | "Ec2LaunchTemplateVersionMismatch" => {
            "compare the launch template with eks-wizard render launch-template; another tool may have changed it"
        }
        "NodeCreationFailure" => {
            "nodes started and did not join within 15 minutes: check the node role's access entry, the security group, \
             the route to the cluster endpoint and the instance's console output"
        }
        "KubernetesLabelInvalid" => "a label uses a reserved prefix or is too long: see the group's labels in the plan",
        "IamNodeRoleNotFound" | "IamInstanceProfileNotFound" => {
            "the node role is gone: run eks-wizard plan to make it again"
        }
        "AccessDenied" => "an access entry or a role policy is missing: check the node role's policies",
        "Ec2SubnetNotFound" | "Ec2SubnetInvalidConfiguration" => "the subnet cannot be used: run eks-wizard preflight",
        "Ec2SecurityGroupNotFound" => "a security group of the template is gone: run eks-wizard plan",
        "Ec2InstanceTypeDoesNotExist" => "the instance type is not offered here: run eks-wizard preflight",
        "AmiIdNotFound" => "the AMI release is gone: set GPU_AMI_RELEASE to one that eks-wizard discover lists",
        "Unsupported" => "this zone does not offer the instance type: choose another subnet (GPU_SUBNET)",
        _ => return None,
    })
}

/// Codes that Auto Scaling quotes inside its status messages.
const QUOTED: [&str; 9] = [
    "InsufficientFreeAddressesInSubnet",
    "InsufficientFreeAddresses",
    "VcpuLimitExceeded",
    "InstanceLimitExceeded",
    "MaxSpotInstanceCountExceeded",
    "InsufficientInstanceCapacity",
    "ReservationCapacityExceeded",
    "UnfulfillableCapacity",
    "Unsupported",
];

/// The code that the message of a scaling activity is about. EC2 words two of them without their code.
pub fn code_in(message: &str) -> Option<&'static str> {
    if let Some(code) = QUOTED.iter().find(|code| message.contains(**code)) {
        return Some(code);
    }
    let lower = message.to_lowercase();
    if lower.contains("not have enough free addresses") || lower.contains("insufficient free addresses") {
        Some("InsufficientFreeAddresses")
    } else if lower.contains("vcpu capacity") || lower.contains("vcpu limit") {
        Some("VcpuLimitExceeded")
    } else if lower.contains("do not have sufficient") && lower.contains("capacity") {
        Some("InsufficientInstanceCapacity")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_auto_scaling_lead_to_advice() {
        let cases = [
            (
                "We currently do not have sufficient p5en.48xlarge capacity in the Availability Zone you requested",
                "InsufficientInstanceCapacity",
            ),
            ("You have requested more vCPU capacity than your current vCPU limit of 192 allows", "VcpuLimitExceeded"),
            ("There are not enough … InsufficientFreeAddressesInSubnet", "InsufficientFreeAddressesInSubnet"),
            ("subnet-1 does not have enough free addresses to satisfy the request", "InsufficientFreeAddresses"),
        ];
        for (message, code) in cases {
            assert_eq!(code_in(message), Some(code), "{message}");
            assert!(advice(code).is_some(), "{code}");
        }
        assert_eq!(code_in("Launching a new EC2 instance"), None);
        assert_eq!(advice("SomethingNew"), None);
    }
}
