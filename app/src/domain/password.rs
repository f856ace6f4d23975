//! What a staff password and a login name must be. Length and commonness only: rules of composition make passwords
//! worse (NIST SP 800-63B 5.1.1.2). Pure.

use unicode_normalization::UnicodeNormalization;

use super::limits;
use super::text::{Lang, fold};

/// Passwords of twelve characters and more that people here choose first, folded and without signs.
const COMMON: &[&str] = &[
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789123",
    "123456123456",
    "1234512345123",
    "112233445566",
    "abcd12345678",
    "abcdef123456",
    "abcdefghijkl",
    "abc123456789",
    "a123456789012",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiopas",
    "qwerty123456",
    "1qaz2wsx3edc",
    "1q2w3e4r5t6y",
    "zaq12wsxcde3",
    "asdfghjkl123",
    "password1234",
    "password12345",
    "password123456",
    "passwordpassword",
    "passw0rd1234",
    "administrator",
    "administrator1",
    "administrator123",
    "admin1234567",
    "admin12345678",
    "admin123456789",
    "adminadminadmin",
    "matkhau12345",
    "matkhau123456",
    "matkhau1234567",
    "matkhaumatkhau",
    "matkhaucuatoi",
    "iloveyou1234",
    "iloveyouforever",
    "anhyeuem1234",
    "anhyeuem123456",
    "emyeuanh1234",
    "yeuemnhieulam",
    "vietnam12345",
    "vietnam123456",
    "vietnamvodich",
    "cantho123456",
    "cantho1234567",
    "thanhphocantho",
    "sonoivu123456",
    "hailong12345",
    "hailong123456",
    "khaosathailong",
    "letmein12345",
    "welcome12345",
    "welcome123456",
    "changeme1234",
    "changeme123456",
];

/// Why a password was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordFault {
    /// Under the least length.
    Short,
    /// Over the greatest length.
    Long,
    /// Among the first that anybody tries: a common one, one letter again and again, a row of the keyboard.
    Common,
    /// It is the login name, or little more.
    Login,
    /// The same as before.
    Same,
    /// The repetition differs.
    Repeat,
}

impl PasswordFault {
    /// What to tell.
    pub fn words(self, lang: Lang) -> &'static str {
        let (vi, en) = match self {
            Self::Short => (
                "Mật khẩu cần ít nhất 12 ký tự. Một câu dễ nhớ là tốt nhất.",
                "The password needs at least 12 characters. A sentence is best.",
            ),
            Self::Long => ("Mật khẩu dài quá 256 ký tự.", "The password is longer than 256 characters."),
            Self::Common => (
                "Mật khẩu này quá phổ biến, ai cũng đoán được.",
                "This password is among the first that anybody would guess.",
            ),
            Self::Login => {
                ("Mật khẩu không được dựa trên tên đăng nhập.", "The password must not be made of the login name.")
            }
            Self::Same => ("Mật khẩu mới phải khác mật khẩu cũ.", "The new password must differ from the old one."),
            Self::Repeat => ("Hai lần nhập không giống nhau.", "The two entries differ."),
        };
        if lang == Lang::Vi { vi } else { en }
    }
}

/// Whether a password may be chosen for an account.
///
/// # Errors
/// Why not.
pub fn check(password: &str, login: &str) -> Result<(), PasswordFault> {
    let chars = normal(password).chars().count();
    if chars < limits::PASSWORD_CHARS_MIN {
        return Err(PasswordFault::Short);
    }
    if chars > limits::PASSWORD_CHARS_MAX {
        return Err(PasswordFault::Long);
    }
    let bare: String = fold(password).chars().filter(|c| c.is_alphanumeric()).collect();
    if COMMON.contains(&bare.as_str()) || few_letters(password) || is_a_row(&bare) {
        return Err(PasswordFault::Common);
    }
    let login: String = fold(login).chars().filter(|c| c.is_alphanumeric()).collect();
    // What is left beside the name would be a short password.
    let rest = bare.replace(&login, "");
    if !login.is_empty() && rest.len() < bare.len() && rest.chars().count() < limits::PASSWORD_CHARS_MIN / 2 {
        return Err(PasswordFault::Login);
    }
    Ok(())
}

/// The form that is hashed: two keyboards may compose "ộ" differently.
pub fn normal(password: &str) -> String {
    password.nfc().collect()
}

/// Fewer than four different characters.
fn few_letters(password: &str) -> bool {
    let mut seen: Vec<char> = password.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() < 4
}

/// Every character follows the one before it: "abcdefghijklm", "23456789…".
fn is_a_row(bare: &str) -> bool {
    let codes: Vec<u32> = bare.chars().map(u32::from).collect();
    codes.windows(2).all(|pair| matches!(pair, [a, b] if b.wrapping_sub(*a) == 1))
}

/// The stored form of a login name: NFC, lower case, no spaces around it; none where it is empty, too long, or holds
/// anything but letters, figures, `.`, `-` and `_`.
pub fn fold_login(typed: &str) -> Option<String> {
    let login: String = typed.trim().nfc().flat_map(char::to_lowercase).nfc().collect();
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let chars = login.chars().count();
    (chars > 0 && chars <= limits::LOGIN_CHARS && login.chars().all(fits)).then_some(login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_long_and_common_passwords_are_refused() {
        assert_eq!(check("mười một ký", "lan"), Err(PasswordFault::Short));
        assert_eq!(check(&"câu dài ".repeat(40), "lan"), Err(PasswordFault::Long));
        for common in
            ["123456789012", "Mật khẩu 12345", "PASSWORD-1234", "aaaaaaaaaaaaaa", "abcabcabcabcabc", "Abcdefghijklmn"]
        {
            assert_eq!(check(common, "lan"), Err(PasswordFault::Common), "{common}");
        }
    }

    #[test]
    fn the_login_name_is_no_password() {
        assert_eq!(check("nguyen.thi.lan.1", "nguyen.thi.lan"), Err(PasswordFault::Login));
        assert_eq!(check("lan đi chợ nổi Cái Răng", "lan"), Ok(()));
    }

    #[test]
    fn a_plain_sentence_is_taken_whatever_it_is_made_of() {
        assert_eq!(check("sông hậu nước lớn", "lan"), Ok(()));
        assert_eq!(check("khong co chu hoa", "lan"), Ok(()));
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same() {
        assert_eq!(normal("ho\u{302}\u{323}"), normal("hộ"));
        assert_eq!(fold_login(" LÊ.Lan "), fold_login("le\u{302}.lan"));
        assert_eq!(fold_login("ADMIN").as_deref(), Some("admin"));
    }

    #[test]
    fn a_login_name_with_spaces_or_signs_is_none() {
        for wrong in ["", "  ", "a b", "a@b", "<b>", "a\u{0}", &"a".repeat(41)] {
            assert_eq!(fold_login(wrong), None, "{wrong:?}");
        }
    }
}
