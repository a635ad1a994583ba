//! Presets: named products as RON files in the binary, with a source and a date for every number. A preset fills the
//! fields that a component does not give.

/// A preset: its name, the kind it is for, and its text.
pub type Preset = (&'static str, &'static str, &'static str);

/// All presets.
pub const PRESETS: &[Preset] = &[
    ("aws-alb", "LoadBalancer", include_str!("../presets/aws-alb.ron")),
    ("aws-clb", "LoadBalancer", include_str!("../presets/aws-clb.ron")),
    ("postgres", "Database", include_str!("../presets/postgres.ron")),
    ("redis", "Cache", include_str!("../presets/redis.ron")),
];

/// The preset of a name.
pub fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|(n, _, _)| *n == name)
}
