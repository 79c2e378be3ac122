//! What can be installed. Each component is data: how it is detected, what it needs, its desired objects, its health.

pub mod desired;
pub mod observed;
pub mod template;
