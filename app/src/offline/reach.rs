//! What it means when an answer is not the one that was asked for: this server refused, or somebody else on the way
//! answered in its place. Nothing on the device changes by it; the screen says it. Pure.

use serde::Deserialize;

use crate::domain::text::Lang;

/// How the server was reached at the last request that was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// It answered.
    #[default]
    Fine,
    /// It does not know this device.
    Unknown,
    /// It lacks the key of the names and gives no kit.
    NoKey,
    /// Something else answered, with this status; 0 is a redirection.
    Foreign(u16),
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    reason: String,
}

/// Reads an answer that could not be used.
pub fn reach(status: u16, body: &str) -> Reach {
    let said = serde_json::from_slice::<Said>(body.as_bytes()).ok();
    match (status, said) {
        (_, None) => Reach::Foreign(status),
        (401, Some(_)) => Reach::Unknown,
        (503, Some(said)) if said.reason == "contact-key" => Reach::NoKey,
        (_, Some(_)) => Reach::Fine,
    }
}

impl Reach {
    /// What happened and what to do, in words; none where all is well.
    pub fn words(self, lang: Lang) -> Option<String> {
        let words = match (self, lang) {
            (Self::Fine, _) => return None,
            (Self::Unknown, Lang::Vi) => "Máy chủ không nhận ra máy này: có thể máy chủ đã khôi phục từ bản sao lưu cũ hơn lần \
                 ghi danh máy. Tên, danh sách và mọi phiếu vẫn còn nguyên trong máy, vẫn phỏng vấn được; phiếu chưa gửi được. \
                 Xin tổ trưởng một mã ghi danh cho máy này rồi nhập mã ở đây, hoặc xuất ra tệp đưa tổ trưởng."
                .to_owned(),
            (Self::Unknown, Lang::En) => "The server does not know this device: it may have been restored from a backup that is older than \
                 the enrolment. Names, list and all forms are still on the device, and interviews can go on; nothing can be \
                 sent. Ask the supervisor for an enrolment code for this device and enter it here, or export to a file."
                .to_owned(),
            (Self::NoKey, Lang::Vi) => "Máy chủ thiếu khoá danh sách nên chưa gửi được danh sách mới. Danh sách trong máy vẫn dùng được. \
                 Xin báo tổ trưởng (contact-key)."
                .to_owned(),
            (Self::NoKey, Lang::En) => "The server lacks the key of the list, so it sends no new one. The list on the device stays usable. \
                 Tell the supervisor (contact-key)."
                .to_owned(),
            (Self::Foreign(status), Lang::Vi) => format!(
                "Mạng đang dùng trả lời thay máy chủ (mã {status}): thường là Wi-Fi đòi đăng nhập, hoặc máy chủ đang bảo trì. \
                 Không có gì bị xoá; phiếu vẫn trong máy. Hãy đăng nhập Wi-Fi hoặc đổi mạng khác."
            ),
            (Self::Foreign(status), Lang::En) => format!(
                "The network answers in the server's place (status {status}): usually Wi-Fi that wants a sign-in, or \
                 maintenance. Nothing was erased; the forms are on the device. Sign in to the Wi-Fi, or use another network."
            ),
        };
        Some(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portal_is_told_from_the_server_and_neither_is_believed_to_be_well() {
        let unknown = r#"{"error":"the device token is missing, unknown or revoked","reason":"unknown-device"}"#;
        for (status, body, expected) in [
            (401, unknown, Reach::Unknown),
            (401, r#"{"error":"an older server"}"#, Reach::Unknown),
            (401, "", Reach::Foreign(401)),
            (403, "<html>", Reach::Foreign(403)),
            (0, "", Reach::Foreign(0)),
            (200, "<!doctype html><title>Wi-Fi</title>", Reach::Foreign(200)),
            (503, r#"{"error":"x","reason":"contact-key"}"#, Reach::NoKey),
            (503, r#"{"error":"busy"}"#, Reach::Fine),
            // A kit of a newer server, which this app cannot read.
            (200, r#"{"kit":2}"#, Reach::Fine),
        ] {
            assert_eq!(reach(status, body), expected, "{status} {body}");
            assert_eq!(expected.words(Lang::Vi).is_none(), expected == Reach::Fine);
        }
    }
}
