//! Bytes as hexadecimal digits: keys, hashes and names made by chance, in files and on pages.

/// Lower-case hexadecimal digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        out.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')));
        out
    })
}

/// The bytes of exactly `2 * N` hexadecimal digits, in either case.
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            *byte = (*byte << 4) | u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_back_as_the_bytes_they_were_and_half_a_byte_is_none() {
        assert_eq!(hex(&[0x4f, 0x7a, 0]), "4f7a00");
        assert_eq!(from_hex::<3>(&hex(&[0x4f, 0x7a, 0])), Some([0x4f, 0x7a, 0]));
        for wrong in ["", "4f7", "4f7a0", "4fé"] {
            assert_eq!(from_hex::<2>(wrong), None, "{wrong}");
        }
    }
}
