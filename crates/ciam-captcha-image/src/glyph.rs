//! The letters and digits that nobody takes for one another, as bitmaps.

/// Columns of a glyph.
pub(crate) const WIDTH: i32 = 5;

/// Rows of a glyph.
pub(crate) const HEIGHT: i32 = 7;

/// A glyph: its rows from above, the leftmost column in the highest of five bits.
type Rows = [u8; 7];

/// Without 0 and O, 1, I and L, 2 and Z, 5 and S, 8 and B, U and V, G and Q.
pub(crate) const GLYPHS: [(u8, Rows); 21] = [
    (b'A', [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]),
    (b'C', [0b01110, 0b10001, 0b10000, 0b10000, 0b10000, 0b10001, 0b01110]),
    (b'D', [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110]),
    (b'E', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111]),
    (b'F', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000]),
    (b'H', [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]),
    (b'J', [0b00111, 0b00010, 0b00010, 0b00010, 0b00010, 0b10010, 0b01100]),
    (b'K', [0b10001, 0b10010, 0b10100, 0b11000, 0b10100, 0b10010, 0b10001]),
    (b'M', [0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001]),
    (b'N', [0b10001, 0b11001, 0b11001, 0b10101, 0b10011, 0b10011, 0b10001]),
    (b'P', [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000]),
    (b'R', [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001]),
    (b'T', [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100]),
    (b'W', [0b10001, 0b10001, 0b10001, 0b10101, 0b10101, 0b11011, 0b10001]),
    (b'X', [0b10001, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001, 0b10001]),
    (b'Y', [0b10001, 0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b00100]),
    (b'3', [0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110]),
    (b'4', [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010]),
    (b'6', [0b01110, 0b10000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110]),
    (b'7', [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000]),
    (b'9', [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00001, 0b01110]),
];

/// Whether a letter has ink in a column and row; there is none outside.
pub(crate) fn has_ink(letter: u8, column: i32, row: i32) -> bool {
    let rows = GLYPHS.iter().find(|(known, _)| *known == letter).map(|(_, rows)| rows);
    let row = usize::try_from(row).ok().and_then(|row| rows.and_then(|rows| rows.get(row)));
    (0..WIDTH).contains(&column) && row.is_some_and(|row| row >> (WIDTH - 1 - column) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_two_glyphs_differ_in_several_dots() {
        for (place, (one, rows)) in GLYPHS.iter().enumerate() {
            for (other, others) in &GLYPHS[..place] {
                let apart: u32 = rows.iter().zip(others).map(|(a, b)| (a ^ b).count_ones()).sum();
                assert!(apart >= 3, "{} and {}", char::from(*one), char::from(*other));
            }
            assert!(rows.iter().all(|row| *row < 1 << WIDTH));
        }
    }

    #[test]
    fn there_is_no_ink_outside_of_a_glyph() {
        assert!(has_ink(b'E', 0, 0) && has_ink(b'E', 4, 6) && !has_ink(b'E', 4, 1));
        for (column, row) in [(-1, 0), (5, 0), (0, -1), (0, 7), (i32::MAX, 0), (0, i32::MIN)] {
            assert!(!has_ink(b'E', column, row));
        }
        assert!(!has_ink(b'0', 1, 1));
    }
}
