//! The loop itself, over the fixture world, on a real terminal. Ignored: `cargo test` has none. Run it by hand:
//! `cargo test --lib tui::tests::live -- --ignored --nocapture`.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::config::Draft;
use crate::domain::facts::Facts;
use crate::domain::ids::RunId;
use crate::domain::ladder::Verification;
use crate::domain::problem::Problem;
use crate::domain::sample::{Condition, Sample};
use crate::domain::time::Stamp;
use crate::events::view::RunView;
use crate::plan::model::Verb;
use crate::tui::effects::{Backend, Control, Planned, Saved, SessionInfo, Stage};
use crate::tui::{Options, fixture, run};

struct FixtureBackend {
    runs: watch::Sender<Arc<RunView>>,
}

impl Backend for FixtureBackend {
    fn discover(&self, _draft: Draft, stage: Stage, _facts: Facts) -> BoxFuture<'static, Result<Facts, Problem>> {
        let facts = if stage == Stage::Connect { fixture::account() } else { fixture::everything() };
        async move { Ok(facts) }.boxed()
    }

    fn plan(&self, _draft: Draft, _facts: Facts) -> BoxFuture<'static, Result<Planned, Problem>> {
        async { Ok(fixture::planned(Verb::Create)) }.boxed()
    }

    fn apply(&self, _draft: Draft, _planned: Planned) -> BoxFuture<'static, Result<(), Problem>> {
        let runs = self.runs.clone();
        async move {
            runs.send_replace(fixture::running());
            tokio::time::sleep(Duration::from_millis(300)).await;
            runs.send_replace(fixture::done());
            Ok(())
        }
        .boxed()
    }

    fn resume(&self, _run: RunId) -> BoxFuture<'static, Result<(), Problem>> {
        async { Ok(()) }.boxed()
    }

    fn runs(&self) -> watch::Receiver<Arc<RunView>> {
        self.runs.subscribe()
    }

    fn control(&self, _act: Control) {}

    fn verify(&self, _draft: Draft, _facts: Facts) -> BoxFuture<'static, Result<Verification, Problem>> {
        async { Ok(fixture::verification()) }.boxed()
    }

    fn sample(&self, _draft: Draft, _facts: Facts) -> BoxFuture<'static, Result<Sample, Problem>> {
        let at = self.now();
        async move { Ok(fixture::sample(Condition::Healthy, at)) }.boxed()
    }

    fn save(&self, draft: Draft) -> BoxFuture<'static, Result<Saved, Problem>> {
        async { Ok(Saved { draft, file: ".env".into() }) }.boxed()
    }

    fn reread(&self, draft: Draft, _keep: bool) -> BoxFuture<'static, Result<Saved, Problem>> {
        async { Ok(Saved { draft, file: ".env".into() }) }.boxed()
    }

    fn keep(&self, _draft: &Draft) {}

    fn told(&self) {}

    fn now(&self) -> Stamp {
        fixture::night()
    }

    fn session(&self) -> SessionInfo {
        fixture::session()
    }

    fn sleep(&self, wall: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(wall).boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a terminal"]
async fn the_loop_on_a_terminal() {
    let backend = Arc::new(FixtureBackend { runs: watch::Sender::new(Arc::default()) });
    let ended = run(backend, fixture::draft(), Options::default()).await;
    eprintln!("ended: {ended:?}");
}
