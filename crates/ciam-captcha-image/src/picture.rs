//! The picture of a text: letters that lean and wave, with lines and dots over them.

use crate::chance::Chance;
use crate::glyph;

const WIDTH: i32 = 216;
const HEIGHT: i32 = 72;

/// From the middle of one letter to that of the next.
const STEP: i32 = 32;

/// How far a wave lifts a column, over one period.
const WAVE: [i32; 16] = [0, 1, 2, 2, 3, 2, 2, 1, 0, -1, -2, -2, -3, -2, -2, -1];

/// Shades from black to white.
struct Canvas {
    pixels: Vec<u8>,
}

/// How one letter lies on the canvas; sine and cosine in sixty-fourths.
struct Placed {
    letter: u8,
    middle: (i32, i32),
    turn: (i32, i32),
    dot: i32,
}

/// The text as a PNG (ISO/IEC 15948) in shades of grey.
pub(crate) fn png(text: &str, mut chance: Chance) -> Result<Vec<u8>, png::EncodingError> {
    let canvas = Canvas::of(text, &mut chance);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH.unsigned_abs(), HEIGHT.unsigned_abs());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&canvas.pixels)?;
    writer.finish()?;
    Ok(bytes)
}

impl Canvas {
    fn of(text: &str, chance: &mut Chance) -> Self {
        let area = usize::try_from(WIDTH * HEIGHT).unwrap_or(0);
        let mut canvas = Self { pixels: (0..area).map(|_| shade(chance.between(236, 255))).collect() };
        let phase = chance.between(0, 95);
        for (letter, place) in text.bytes().zip(0..) {
            let middle = (28 + STEP * place + chance.between(-3, 3), HEIGHT / 2 + chance.between(-6, 6));
            let turn = (chance.between(-20, 20), chance.between(58, 66));
            let placed = Placed { letter, middle, turn, dot: chance.between(5, 6) };
            canvas.put(&placed, phase, shade(chance.between(10, 80)));
        }
        for _ in 0..4 {
            let (start, end) = (chance.between(0, HEIGHT - 1), chance.between(0, HEIGHT - 1));
            canvas.cross_out((start, end), phase, shade(chance.between(40, 120)));
        }
        for _ in 0..300 {
            let spot = (chance.between(0, WIDTH - 1), chance.between(0, HEIGHT - 1));
            canvas.set(spot, shade(chance.between(30, 240)));
        }
        canvas
    }

    /// Inks every pixel that the letter, turned and waved, covers.
    fn put(&mut self, placed: &Placed, phase: i32, ink: u8) {
        let (sine, cosine) = placed.turn;
        for y in -30..=30 {
            for x in -26..=26 {
                let (across, down) = (cosine * x + sine * y, cosine * y - sine * x);
                // From the middle of the letter to its upper left corner, in half dots.
                let column = (2 * across + 64 * placed.dot * glyph::WIDTH).div_euclid(128 * placed.dot);
                let row = (2 * down + 64 * placed.dot * glyph::HEIGHT).div_euclid(128 * placed.dot);
                if glyph::has_ink(placed.letter, column, row) {
                    let x = placed.middle.0 + x;
                    self.set((x, placed.middle.1 + y + wave(x, phase)), ink);
                }
            }
        }
    }

    /// A waved line from the left edge to the right one.
    fn cross_out(&mut self, (start, end): (i32, i32), phase: i32, ink: u8) {
        for x in 0..WIDTH {
            let y = start + (end - start) * x / WIDTH + 2 * wave(x, phase);
            self.set((x, y), ink);
        }
    }

    fn set(&mut self, (x, y): (i32, i32), shade: u8) {
        let inside = (0..WIDTH).contains(&x) && (0..HEIGHT).contains(&y);
        let place = usize::try_from(y * WIDTH + x).ok().filter(|_| inside);
        if let Some(pixel) = place.and_then(|place| self.pixels.get_mut(place)) {
            *pixel = shade;
        }
    }
}

fn wave(x: i32, phase: i32) -> i32 {
    let place = usize::try_from((x + phase).div_euclid(6).rem_euclid(16)).unwrap_or(0);
    WAVE.get(place).copied().unwrap_or(0)
}

fn shade(grey: i32) -> u8 {
    u8::try_from(grey).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dark(canvas: &Canvas) -> usize {
        canvas.pixels.iter().filter(|shade| **shade < 150).count()
    }

    #[test]
    fn letters_are_to_be_seen_and_stay_inside() {
        let (empty, full) =
            (Canvas::of("", &mut Chance::seeded(3)), Canvas::of("HHHHHH", &mut Chance::seeded(3)));
        assert!(dark(&full) > dark(&empty) + 1_500, "{} and {}", dark(&full), dark(&empty));
        assert_eq!(full.pixels.len(), 216 * 72);
    }

    #[test]
    fn an_upright_letter_is_its_bitmap() {
        let mut canvas = Canvas { pixels: vec![255; 216 * 72] };
        let placed = Placed { letter: b'F', middle: (108, 36), turn: (0, 64), dot: 6 };
        // Where the wave begins, over the width of a letter, it lifts by no more than three.
        canvas.put(&placed, 0, 0);
        let ink = dark(&canvas);
        let dots = (0..7).flat_map(|row| (0..5).map(move |column| (column, row)));
        let dots = dots.filter(|(column, row)| glyph::has_ink(b'F', *column, *row)).count();
        assert!(ink.abs_diff(dots * 36) < 60, "{ink} pixels for {dots} dots");
    }

    #[test]
    fn a_picture_is_a_png_and_no_two_are_alike() {
        let one = png("ACD479", Chance::seeded(1)).unwrap();
        assert!(one.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert!(one.len() < 20_000, "{}", one.len());
        assert_ne!(one, png("ACD479", Chance::seeded(2)).unwrap());
        let reader = png::Decoder::new(std::io::Cursor::new(one)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (216, 72));
    }
}
