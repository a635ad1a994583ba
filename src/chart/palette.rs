//! Colours that colour-blind readers can tell apart.
//!
//! Source: M. Okabe and K. Ito, "Color Universal Design" (2008), popularised by B. Wong, "Points of view: Color
//! blindness", Nature Methods 8:441 (2011). Yellow is left out: it vanishes as a line on white.

/// A colour with an opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ink {
    /// Red, green and blue, 0 to 255.
    pub(super) rgb: (u8, u8, u8),
    /// 0 is invisible, 1 hides what is behind.
    pub(super) opacity: f64,
}

const fn solid(red: u8, green: u8, blue: u8) -> Ink {
    Ink { rgb: (red, green, blue), opacity: 1.0 }
}

impl Ink {
    /// The same colour, see-through.
    pub(super) const fn faint(self, opacity: f64) -> Ink {
        Ink { rgb: self.rgb, opacity }
    }

    /// The text colour that reads best on this one, by its luma (ITU-R BT.601 weights).
    pub(super) fn text(self) -> Ink {
        let (red, green, blue) = self.rgb;
        let luma = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
        if luma > 100.0 { ON_LIGHT } else { WHITE }
    }
}

/// The background.
pub(super) const WHITE: Ink = solid(255, 255, 255);
/// Titles and values.
pub(super) const TEXT: Ink = solid(34, 34, 34);
/// What is written on a light fill, in dark style too.
pub(super) const ON_LIGHT: Ink = solid(26, 26, 26);
/// Everything that is said quietly: hints, tick labels.
pub(super) const QUIET: Ink = solid(90, 90, 90);
/// What must not be trusted: too few samples, no steady state.
pub(super) const UNSURE: Ink = solid(150, 150, 150);
/// Grid lines and frames.
pub(super) const GRID: Ink = solid(225, 225, 225);
/// Bluish green.
pub(super) const GREEN: Ink = solid(0, 158, 115);
/// Pale blue, for fills.
pub(super) const PALE: Ink = solid(198, 226, 245);
/// Blue.
pub(super) const BLUE: Ink = solid(0, 114, 178);
/// Sky blue.
pub(super) const SKY: Ink = solid(86, 180, 233);
/// Orange.
pub(super) const ORANGE: Ink = solid(230, 159, 0);
/// Vermillion.
pub(super) const VERMILLION: Ink = solid(213, 94, 0);
/// Reddish purple.
pub(super) const PURPLE: Ink = solid(204, 121, 167);

/// Lines beyond this count are named, not drawn: nobody can tell more apart.
pub(super) const MOST_LINES: usize = 7;

/// A fill between light (0) and dark (1) of one hue: what is darker is more, in any kind of colour vision and in print.
pub(super) fn shade(share: f64) -> Ink {
    const LIGHT: (f64, f64, f64) = (222.0, 238.0, 250.0);
    const DARK: (f64, f64, f64) = (0.0, 68.0, 120.0);
    let mix = |from: f64, to: f64| (from + (to - from) * share.clamp(0.0, 1.0)).round() as u8;
    solid(mix(LIGHT.0, DARK.0), mix(LIGHT.1, DARK.1), mix(LIGHT.2, DARK.2))
}

const LINES: [Ink; MOST_LINES] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, TEXT];

/// The colour of the line at `index`.
pub(super) fn line(index: usize) -> Ink {
    LINES[index % MOST_LINES]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_differ() {
        for first in 0..MOST_LINES {
            for second in 0..first {
                assert_ne!(line(first), line(second));
            }
        }
    }

    #[test]
    fn text_is_dark_on_light_and_light_on_dark() {
        assert_eq!(SKY.text(), ON_LIGHT);
        assert_eq!(VERMILLION.text(), ON_LIGHT);
        assert_eq!(BLUE.text(), WHITE);
        assert_eq!(QUIET.text(), WHITE);
    }
}
