//! The sheet that charts are drawn on: pixels in, SVG out. The only file that knows the drawing library.

use plotters::prelude::{DrawingBackend, FontStyle, IntoFont, RGBAColor, SVGBackend, ShapeStyle, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Labels;
use super::palette::{Ink, WHITE};
use super::text::{clean, escape};

/// Width of every chart in pixels.
pub(super) const WIDTH: f64 = 900.0;
/// Height of a chart in pixels, unless it needs less.
pub(super) const HEIGHT: f64 = 520.0;
/// Drawing units per pixel: the library knows whole numbers only, so the view box is ten times the size.
const UNITS: f64 = 10.0;
/// The library prints font sizes divided by this.
const FONT_FACTOR: f64 = 1.24;
/// Lengths of a dash and of the gap after it, in pixels.
const DASH: (f64, f64) = (6.0, 4.0);

/// A place in pixels from the upper left corner.
pub(super) type Place = (f64, f64);

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    /// Whether the two have a place in common.
    pub(super) fn overlaps(&self, other: &Area) -> bool {
        let beside = self.left >= other.right || other.left >= self.right;
        !beside && self.top < other.bottom && other.top < self.bottom
    }
}

/// How a line looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    /// Its colour.
    pub(super) ink: Ink,
    /// Its width in pixels.
    pub(super) width: f64,
    /// Whether it is dashed.
    pub(super) dashed: bool,
}

impl Stroke {
    /// A line without gaps.
    pub(super) const fn solid(ink: Ink, width: f64) -> Stroke {
        Stroke { ink, width, dashed: false }
    }

    /// A dashed line.
    pub(super) const fn dashed(ink: Ink, width: f64) -> Stroke {
        Stroke { ink, width, dashed: true }
    }
}

/// How text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Font {
    /// Its height in pixels.
    pub(super) size: f64,
    /// Its colour.
    pub(super) ink: Ink,
    /// Whether it is bold.
    pub(super) bold: bool,
}

impl Font {
    /// Text of normal weight.
    pub(super) const fn plain(size: f64, ink: Ink) -> Font {
        Font { size, ink, bold: false }
    }

    /// Bold text.
    pub(super) const fn bold(size: f64, ink: Ink) -> Font {
        Font { size, ink, bold: true }
    }
}

/// Which end of a text lies at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// The sheet.
pub(super) struct Canvas<'a> {
    backend: SVGBackend<'a>,
}

/// The whole SVG document with what `paint` draws and as high as it says; title and description are for those who cannot
/// see it.
pub(super) fn document(labels: &Labels, paint: impl FnOnce(&mut Canvas<'_>) -> f64) -> String {
    let mut drawing = String::new();
    let size = (units(WIDTH) as u32, units(HEIGHT) as u32);
    let mut canvas = Canvas { backend: SVGBackend::with_string(&mut drawing, size) };
    let height = paint(&mut canvas);
    let done = canvas.backend.present();
    debug_assert!(done.is_ok());
    drop(canvas);
    // The opening tag is ours, so that the chart scales and carries its texts.
    let body = drawing.split_once('>').map_or("", |(_, body)| body);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\">\n<title>{}</title>\n<desc>{}</desc>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>{body}",
        units(WIDTH),
        units(height),
        escape(&labels.title),
        escape(&labels.alt)
    )
}

fn units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

fn place(at: Place) -> (i32, i32) {
    (units(at.0), units(at.1))
}

fn color(ink: Ink) -> RGBAColor {
    RGBAColor(ink.rgb.0, ink.rgb.1, ink.rgb.2, ink.opacity)
}

fn shape(ink: Ink, width: f64) -> ShapeStyle {
    ShapeStyle { color: color(ink), filled: true, stroke_width: units(width).unsigned_abs() }
}

// Drawing into a string cannot fail, so the results of the backend carry no news.
impl Canvas<'_> {
    /// A line through `points`; one point alone draws nothing.
    pub(super) fn line(&mut self, points: &[Place], stroke: Stroke) {
        let pieces = if stroke.dashed { dashes(points) } else { vec![points.to_vec()] };
        for piece in pieces.iter().filter(|piece| piece.len() > 1) {
            let _ = self.backend.draw_path(piece.iter().copied().map(place), &shape(stroke.ink, stroke.width));
        }
    }

    /// A filled rectangle.
    pub(super) fn rectangle(&mut self, area: Area, ink: Ink) {
        let (from, to) = (place((area.left, area.top)), place((area.right, area.bottom)));
        let _ = self.backend.draw_rect(from, to, &shape(ink, 0.0), true);
    }

    /// Diagonal lines across a rectangle.
    pub(super) fn hatch(&mut self, area: Area, ink: Ink) {
        let (width, height) = (area.right - area.left, area.bottom - area.top);
        let mut offset = 5.0;
        while offset < width + height {
            let start = (area.left + offset.min(width), area.top + (offset - width).max(0.0));
            let end = (area.left + (offset - height).max(0.0), area.top + offset.min(height));
            self.line(&[start, end], Stroke::solid(ink, 1.0));
            offset += 8.0;
        }
    }

    /// A filled polygon.
    pub(super) fn polygon(&mut self, points: &[Place], ink: Ink) {
        let _ = self.backend.fill_polygon(points.iter().copied().map(place), &shape(ink, 0.0));
    }

    /// A mark for a data point, of a shape that depends on `index`; `hollow` ones are white inside.
    pub(super) fn marker(&mut self, index: usize, (x, y): Place, ink: Ink, hollow: bool) {
        let corners: &[Place] = match index % 4 {
            0 => {
                let fill = if hollow { WHITE } else { ink };
                let _ = self.backend.draw_circle(place((x, y)), units(3.6) as u32, &shape(fill, 1.0), true);
                let _ = self.backend.draw_circle(place((x, y)), units(3.6) as u32, &shape(ink, 1.5), false);
                return;
            }
            1 => &[(-3.4, -3.4), (3.4, -3.4), (3.4, 3.4), (-3.4, 3.4)],
            2 => &[(0.0, -4.6), (4.6, 0.0), (0.0, 4.6), (-4.6, 0.0)],
            _ => &[(0.0, -4.4), (4.2, 3.2), (-4.2, 3.2)],
        };
        let mut outline: Vec<Place> = corners.iter().map(|corner| (x + corner.0, y + corner.1)).collect();
        self.polygon(&outline, if hollow { WHITE } else { ink });
        outline.push(outline[0]);
        self.line(&outline, Stroke::solid(ink, 1.5));
    }

    /// Text, vertically centred at `at`.
    pub(super) fn text(&mut self, at: Place, anchor: Anchor, font: Font, text: &str) {
        let weight = if font.bold { FontStyle::Bold } else { FontStyle::Normal };
        let horizontal = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let face = ("sans-serif", (font.size * UNITS).round() * FONT_FACTOR, weight).into_font();
        let ink = color(font.ink);
        let style = TextStyle::from(face).color(&ink).pos(Pos::new(horizontal, VPos::Center));
        let _ = self.backend.draw_text(&clean(text), &style, place(at));
    }
}

/// Cuts a line into dashes; the pattern runs on around corners.
fn dashes(points: &[Place]) -> Vec<Vec<Place>> {
    let mut pieces = vec![points.iter().copied().take(1).collect::<Vec<Place>>()];
    let (mut drawing, mut left) = (true, DASH.0);
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).sqrt();
        let mut gone = 0.0;
        while length - gone > left {
            gone += left;
            let turn = (from.0 + dx * gone / length, from.1 + dy * gone / length);
            if drawing {
                pieces.last_mut().into_iter().for_each(|piece| piece.push(turn));
            } else {
                pieces.push(vec![turn]);
            }
            (drawing, left) = (!drawing, if drawing { DASH.1 } else { DASH.0 });
        }
        left -= length - gone;
        if drawing {
            pieces.last_mut().into_iter().for_each(|piece| piece.push(to));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_run_around_corners() {
        let pieces = dashes(&[(0.0, 0.0), (8.0, 0.0), (8.0, 8.0)]);
        assert_eq!(pieces, [vec![(0.0, 0.0), (6.0, 0.0)], vec![(8.0, 2.0), (8.0, 8.0)]]);
    }

    #[test]
    fn dashes_of_nothing_are_nothing() {
        assert!(dashes(&[]).concat().is_empty());
    }

    #[test]
    fn the_document_carries_its_texts_escaped() {
        let labels = Labels { title: "a < b".into(), alt: "\"a\" & b".into(), ..Labels::default() };
        let svg = document(&labels, |_| 300.0);
        assert!(svg.contains("<title>a &lt; b</title>\n<desc>&quot;a&quot; &amp; b</desc>"), "{svg}");
        assert!(svg.contains("viewBox=\"0 0 9000 3000\""));
    }
}
