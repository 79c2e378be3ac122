//! What NET-003 and QUO-001 share: the sizes of a group against the number of nodes that fit.

use crate::config::GpuGroup;
use crate::domain::finding::Severity;
use crate::preflight::check::Said;

/// How many nodes of a group fit within a limit.
pub(super) struct Room<'a> {
    /// What limits: a subnet, a quota code.
    pub subject: &'a str,
    /// The limit in words: `the largest size that …`.
    pub within: &'a str,
    /// The group.
    pub group: &'a GpuGroup,
    /// Nodes that the apply leads to: the live desired size, or that of the Spec before the group exists.
    pub wanted: u32,
    /// Nodes that fit, those that run included.
    pub fit: u32,
    /// The sum, as evidence.
    pub sum: String,
}

impl Room<'_> {
    /// Fails when the wanted nodes do not fit, warns when only the maximum does not. `others` adds what else would
    /// help.
    pub(super) fn judge(&self, others: impl Fn(Said) -> Said) -> Vec<Said> {
        let sizes = &self.group.sizes;
        if self.wanted > self.fit {
            return vec![others(self.too_small())];
        }
        let mut said = vec![Said::pass(self.subject, &self.sum)];
        if sizes.max > self.fit {
            let warning = Said::fail(self.subject, &self.sum)
                .weighing(Severity::Warning)
                .evidence(format!("the maximum is {}; the largest that fits is {}", sizes.max, self.fit));
            // A maximum is at least 1 and at least the desired size, so a smaller one cannot be written.
            let warning = if self.fit >= sizes.desired.max(1) {
                let says = format!("the largest maximum {}", self.within);
                warning.set("GPU_MAX_SIZE", self.fit.to_string(), says)
            } else {
                warning
            };
            said.push(others(warning));
        }
        said
    }

    fn too_small(&self) -> Said {
        let (wanted, fit, min) = (self.wanted, self.fit, self.group.sizes.min);
        let said = Said::fail(self.subject, &self.sum)
            .evidence(format!("{wanted} are wanted; the largest number that fits is {fit}"));
        match fit {
            fit if fit < min => said.ask(format!("lower GPU_MIN_SIZE and GPU_DESIRED_SIZE to at most {fit}")),
            0 => said.set("GPU_DESIRED_SIZE", "0", "installs everything but launches no node yet"),
            fit => said.set("GPU_DESIRED_SIZE", fit.to_string(), format!("the largest size {}", self.within)),
        }
    }
}
