//! Clients of the library whose services answer from emulators.

use std::sync::Arc;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_eks::types::VpcConfigRequest;
use aws_types::region::Region as SdkRegion;
use aws_types::sdk_config::{RetryConfig, SharedCredentialsProvider};
use eks_wizard::domain::ids::{AccountId, ClusterName, Region};
use eks_wizard::transport::clients::{Aws, Clients};
use eks_wizard::transport::time::Timer;

use super::emulators::Emulators;

const REGION: &str = "us-east-2";
/// The account of both emulators' callers.
pub const ACCOUNT: &str = "123456789012";

/// Which emulator answers for EKS; everything else but placement groups is right in moto.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Eks {
    /// Clusters and node groups.
    Moto,
    /// Add-ons, associations, access entries.
    Ministack,
}

/// Clients and the servers behind them.
pub struct World {
    pub clients: Clients,
    _servers: Arc<Emulators>,
}

impl World {
    /// Clients for a cluster of this name; `None` where the emulators cannot run.
    pub async fn open(cluster: &str, eks: Eks) -> Option<Self> {
        let servers = tokio::task::spawn_blocking(Emulators::shared).await.unwrap()?;
        let eks = if eks == Eks::Moto { servers.moto() } else { servers.ministack() };
        let aws = aws(servers.moto(), eks);
        Some(Self { clients: clients(aws, cluster), _servers: servers })
    }

    /// Clients that ask ministack for everything.
    pub async fn ministack(cluster: &str) -> Option<Self> {
        let servers = tokio::task::spawn_blocking(Emulators::shared).await.unwrap()?;
        let aws = aws(servers.ministack(), servers.ministack());
        Some(Self { clients: clients(aws, cluster), _servers: servers })
    }

    /// Makes the cluster itself, which the program never does.
    pub async fn with_cluster(self, subnets: &[&str]) -> Self {
        let subnets = subnets.iter().map(|id| (*id).to_owned()).collect();
        self.clients
            .aws
            .eks
            .create_cluster()
            .name(self.clients.cluster.as_str())
            .role_arn(format!("arn:aws:iam::{ACCOUNT}:role/cluster"))
            .resources_vpc_config(VpcConfigRequest::builder().set_subnet_ids(Some(subnets)).build())
            .send()
            .await
            .unwrap();
        self
    }

    /// The VPC that the account starts with, and one of its subnets.
    pub async fn network(&self) -> (String, String) {
        let subnets = self.clients.aws.ec2.describe_subnets().send().await.unwrap();
        let subnet = subnets.subnets().first().unwrap();
        (subnet.vpc_id().unwrap().to_owned(), subnet.subnet_id().unwrap().to_owned())
    }
}

fn clients(aws: Aws, cluster: &str) -> Clients {
    // No step under contract asks Kubernetes; whoever does gets a refused connection.
    let kube = kube::Client::try_from(kube::Config::new("http://127.0.0.1:1".parse().unwrap())).unwrap();
    Clients { aws, kube, account: AccountId::from(ACCOUNT), cluster: ClusterName::from(cluster) }
}

fn aws(most: &str, eks: &str) -> Aws {
    let config = |endpoint: &str| {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(SdkRegion::new(REGION))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test")))
            // An emulator answers 500 for what it does not know, and would be asked again.
            .retry_config(RetryConfig::disabled())
            .endpoint_url(endpoint)
            .build()
    };
    let (most, eks) = (config(most), config(eks));
    Aws {
        region: Region::from(REGION),
        eks: aws_sdk_eks::Client::new(&eks),
        ec2: aws_sdk_ec2::Client::new(&most),
        iam: aws_sdk_iam::Client::new(&most),
        sts: aws_sdk_sts::Client::new(&most),
        autoscaling: aws_sdk_autoscaling::Client::new(&most),
        quotas: aws_sdk_servicequotas::Client::new(&most),
        timer: Timer::real(),
    }
}
