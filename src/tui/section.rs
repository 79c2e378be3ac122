//! The ten sections and the parts of the screen that can hold the cursor.

/// A section of the menu, in its order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// 1
    #[default]
    Connect,
    /// 2
    Components,
    /// 3
    Gpu,
    /// 4
    Network,
    /// 5
    Drivers,
    /// 6
    Preflight,
    /// 7
    Review,
    /// 8
    Apply,
    /// 9
    Verify,
    /// 0
    Health,
}

impl Section {
    /// All ten in order of the menu.
    pub const ALL: [Self; 10] = [
        Self::Connect,
        Self::Components,
        Self::Gpu,
        Self::Network,
        Self::Drivers,
        Self::Preflight,
        Self::Review,
        Self::Apply,
        Self::Verify,
        Self::Health,
    ];

    /// Position in the menu, from 0.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The key that goes there.
    pub fn digit(self) -> char {
        char::from_digit(u32::try_from((self.index() + 1) % 10).unwrap_or(0), 10).unwrap_or('0')
    }

    /// The section of a digit key.
    pub fn of_digit(digit: char) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.digit() == digit)
    }

    /// Name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "Connect",
            Self::Components => "Components",
            Self::Gpu => "GPU nodes",
            Self::Network => "Network",
            Self::Drivers => "Drivers",
            Self::Preflight => "Preflight",
            Self::Review => "Review",
            Self::Apply => "Apply",
            Self::Verify => "Verify",
            Self::Health => "Health",
        }
    }

    /// The head of the menu above it, where a group begins.
    pub fn group(self) -> Option<&'static str> {
        match self {
            Self::Connect => Some("DECIDE"),
            Self::Preflight => Some("CHECK"),
            Self::Apply => Some("INSTALL"),
            Self::Verify => Some("PROVE"),
            _ => None,
        }
    }

    /// Widths of body and right pane at 120 columns; a right pane of 0 is absent.
    pub fn widths(self) -> (u16, u16) {
        match self {
            Self::Review => (54, 44),
            Self::Apply => (56, 42),
            Self::Verify => (68, 30),
            Self::Health => (66, 32),
            _ => (62, 36),
        }
    }

    /// Whether the draft is edited here.
    pub fn decides(self) -> bool {
        self <= Self::Drivers
    }
}

/// A pane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pane {
    /// The menu at the left.
    Menu,
    /// The body.
    #[default]
    Body,
    /// The right pane.
    Side,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_leads_to_its_own_section() {
        for section in Section::ALL {
            assert_eq!(Section::of_digit(section.digit()), Some(section));
        }
        assert_eq!(Section::of_digit('0'), Some(Section::Health));
    }
}
