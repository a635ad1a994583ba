//! Charts as pictures of pixels, for slides and wikis that show no SVG.
//!
//! The font is DejaVu Sans, cut to Latin, Greek and Cyrillic letters (`font/LICENSE`), so that the same chart gives the same picture on every
//! machine, whatever is installed there.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Pixels of the picture for each pixel of the chart, so that text stays sharp on dense screens.
const SCALE: f32 = 2.0;
const FAMILY: &str = "DejaVu Sans";
const PLAIN: &[u8] = include_bytes!("font/DejaVuSans.ttf");
const BOLD: &[u8] = include_bytes!("font/DejaVuSans-Bold.ttf");

/// The chart as PNG.
///
/// # Errors
/// What the drawing library says; none of our charts is refused.
pub(super) fn png(svg: &str) -> Result<Vec<u8>, String> {
    let mut options = Options { font_family: FAMILY.into(), ..Options::default() };
    let fonts = options.fontdb_mut();
    [PLAIN, BOLD].iter().for_each(|font| fonts.load_font_data(font.to_vec()));
    fonts.set_sans_serif_family(FAMILY);
    let tree = Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or("the chart is empty")?;
    let mut picture = Pixmap::new(size.width(), size.height()).ok_or("the chart is too large")?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    picture.encode_png().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_pixels() {
        let svg = |text: &str| {
            let text = format!("<text x=\"2\" y=\"20\" font-family=\"sans-serif\" font-size=\"16\">{text}</text>");
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"30\"><rect width=\"40\" height=\"30\" fill=\"#fff\"/>{text}</svg>"
            )
        };
        let drawn = |text: &str| Pixmap::decode_png(&png(&svg(text)).expect("it is drawn")).expect("it is a PNG");
        let dark = |picture: &Pixmap| picture.pixels().iter().filter(|pixel| pixel.red() < 128).count();
        assert_eq!((drawn("").width(), drawn("").height()), (80, 60));
        assert_eq!(dark(&drawn("")), 0);
        assert!(dark(&drawn("p99")) > 50, "{}", dark(&drawn("p99")));
    }

    #[test]
    fn what_is_no_chart_is_an_error() {
        assert!(png("<svg").is_err());
    }
}
