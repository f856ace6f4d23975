//! The order of the walk: people of one hamlet follow each other, and a street is walked by its numbers.

use crate::domain::text::fold;

/// A key whose order is that of a walk: the parts of an address from the largest area (which stands last) to the house,
/// folded, numbers by their size.
///
/// ```
/// use app::domain::sample::walk::walk_key;
/// let mut walk = ["Số 10, ấp 2, xã An Hòa", "Số 9, ấp 2, xã An Hoà", "Số 1, ấp 10, xã An Hoà"];
/// walk.sort_by_cached_key(|address| walk_key(address));
/// assert_eq!(walk, ["Số 9, ấp 2, xã An Hoà", "Số 10, ấp 2, xã An Hòa", "Số 1, ấp 10, xã An Hoà"]);
/// ```
pub fn walk_key(address: &str) -> String {
    /// Digits of the largest number of a house, a hamlet or an alley, and some to spare.
    const DIGITS: usize = 8;
    let mut key = String::with_capacity(address.len() * 2);
    for part in address.split(',').rev() {
        let folded = fold(part);
        let mut number = String::new();
        for c in folded.chars() {
            if c.is_ascii_digit() {
                number.push(c);
                continue;
            }
            push_number(&mut key, &number, DIGITS);
            number.clear();
            key.push(c);
        }
        push_number(&mut key, &number, DIGITS);
        key.push('\u{1}');
    }
    key
}

fn push_number(key: &mut String, number: &str, digits: usize) {
    let number = number.trim_start_matches('0');
    if !number.is_empty() {
        key.extend(std::iter::repeat_n('0', digits.saturating_sub(number.len())));
        key.push_str(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hamlet_is_walked_before_the_next_and_who_has_no_address_comes_first() {
        let mut walk = [
            "12 Trần Phú, phường Cái Khế",
            "Số 3, ấp Thới Hòa, xã Thới Hưng",
            "",
            "Số 1, ấp Thới Hoà, xã Thới Hưng",
            "2 Trần Phú, phường Cái Khế",
            "Số 2, ấp Thới An, xã Thới Hưng",
        ];
        walk.sort_by_cached_key(|address| walk_key(address));
        assert_eq!(
            walk,
            [
                "",
                "2 Trần Phú, phường Cái Khế",
                "12 Trần Phú, phường Cái Khế",
                "Số 2, ấp Thới An, xã Thới Hưng",
                "Số 1, ấp Thới Hoà, xã Thới Hưng",
                "Số 3, ấp Thới Hòa, xã Thới Hưng",
            ]
        );
    }
}
