//! Without the Kubernetes API an apply begins nothing, neither in the cluster nor in AWS.

use std::sync::Arc;

use bytes::Bytes;
use eks_wizard::apply::cancel::Control;
use eks_wizard::config::Scope;
use eks_wizard::domain::problem::ProblemKind;
use eks_wizard::events::sink::Silent;
use eks_wizard::ops::apply::{self, Channels};
use eks_wizard::ops::folders::Folders;
use eks_wizard::ops::plan;
use eks_wizard::ops::session::{Session, SessionOptions, Simulate};
use eks_wizard::sim::{SimOptions, Simulator};
use eks_wizard::transport::wire::{SharedWire, Wire, WireBody, WireError};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response};

use crate::stage::{on_paused_clock, spec, state_folder};

/// A network on which AWS is reached and the cluster's endpoint is not.
#[derive(Debug)]
struct Cut(SharedWire);

impl Wire for Cut {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<WireBody>, WireError>> {
        if request.uri().host().is_some_and(|host| host.contains(".gr7.")) {
            return async { Err(WireError::Reset("no route to the endpoint".to_owned())) }.boxed();
        }
        self.0.send(request)
    }
}

#[test]
fn an_apply_without_the_cluster_changes_nothing_and_says_what_to_do() {
    let state = state_folder();
    on_paused_clock(async {
        let simulator = Simulator::open(SimOptions { speed: 1.0, ..SimOptions::new("default") }).unwrap();
        let wire = Arc::new(Cut(simulator.wire()));
        let simulate = Simulate { scenario: "default".to_owned(), speed: 1.0, reset: false, faults: String::new() };
        let options = SessionOptions {
            scope: Scope::default(),
            folders: Folders::choose(Some(state.path()), |_| None).unwrap(),
            simulate: Some(simulate),
            read_only: false,
        };
        let session = Session::over(options, simulator, wire);
        let (ground, planned) = plan::look(&session, spec(&[])).await.unwrap();
        assert!(planned.plan.as_ref().is_some_and(|plan| !plan.is_settled()), "there is something to do");
        let channels = Channels::to(Box::new(Silent), &Control::new());
        let problem = apply::apply(&session, &ground, &planned, channels).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Blocked, "{problem}");
        assert!(
            problem.message.contains("orbit-train") && problem.message.contains("nothing was changed"),
            "{problem}"
        );
        assert!(!problem.hints.is_empty(), "{problem}");
        assert!(!state.path().join("sim/default/runs").exists(), "no run begins");
        let roles = ground.aws.clients.iam.get_role().role_name("orbit-train-ebs-csi-role").send().await;
        assert!(roles.is_err(), "no role is made");
    });
}
