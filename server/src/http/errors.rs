//! Error pages in words: what happened and what to do, in Vietnamese and English, with a reference where it helps.
//!
//! A handler that has words of its own sends its page; what arrives here bare (an extractor's refusal, an unknown
//! address, a panic) is dressed: a page for browsers, JSON for programs. Nothing of the request is ever shown back.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use sha2::{Digest, Sha256};

use super::Seen;

/// Seconds after which a busy server may be asked again.
const RETRY_S: u32 = 60;

/// Flat CSS that the oldest phone reads; in both colours (`look.md`).
const STYLE: &str = "body{margin:0;background:#fff;color:#14202B;font:18px/27px system-ui,-apple-system,\"Segoe UI\",Roboto,\
\"Noto Sans\",sans-serif}main{max-width:40rem;margin:0 auto;padding:32px 16px}h1{font-size:24px;line-height:31px;margin:0 0 12px}\
p{margin:0 0 16px}a{color:#0A5A8C}section+section{border-top:1px solid #C9D2D9;padding-top:24px;margin-top:24px}\
small{font-size:16px;line-height:24px;color:#4A5966}@media(prefers-color-scheme:dark){body{background:#10181F;color:#EDF2F5}\
a{color:#6DB7EE}small{color:#A9B7C2}section+section{border-color:#394956}}";

/// Allows that one style and nothing else.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; script-src 'none'; style-src 'sha256-{hash}'; img-src 'self'; form-action 'none'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// What happened and what to do, in one language.
struct Words {
    title: &'static str,
    advice: &'static str,
}

/// The words of a status: Vietnamese, English.
fn words(status: StatusCode) -> [Words; 2] {
    match status {
        StatusCode::NOT_FOUND => [
            Words {
                title: "Không tìm thấy trang này",
                advice: "Xin kiểm tra lại địa chỉ, hoặc về trang đầu và nhập mã in trên bảng tại quầy.",
            },
            Words {
                title: "This page does not exist",
                advice: "Check the address, or go to the first page and enter the code printed on the sign at the desk.",
            },
        ],
        StatusCode::METHOD_NOT_ALLOWED => [
            Words {
                title: "Trang này không nhận yêu cầu như vậy", advice: "Xin mở lại trang từ đầu."
            },
            Words {
                title: "This page does not take such a request",
                advice: "Please open the page again from the start.",
            },
        ],
        StatusCode::FORBIDDEN => [
            Words {
                title: "Yêu cầu này không được phép",
                advice: "Nếu Ông/Bà đang gửi phiếu từ một trang khác, xin mở lại trang của quầy rồi gửi lại.",
            },
            Words {
                title: "This is not allowed",
                advice: "If you were sending a form from another site, open the page of the desk and send it from there.",
            },
        ],
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => [
            Words {
                title: "Máy chủ đang bận",
                advice: "Phiếu của Ông/Bà CHƯA được ghi. Xin chờ một phút, trở lại trang trước rồi gửi lại.",
            },
            Words {
                title: "The server is busy",
                advice: "Your answer has NOT been recorded. Wait a minute, go back and send it again.",
            },
        ],
        StatusCode::PAYLOAD_TOO_LARGE => [
            Words {
                title: "Nội dung gửi lên quá dài",
                advice: "Phiếu CHƯA được ghi. Xin trở lại trang trước, rút ngắn phần ý kiến rồi gửi lại.",
            },
            Words {
                title: "What was sent is too long",
                advice: "It has NOT been recorded. Go back, shorten the comment and send it again.",
            },
        ],
        status if status.is_client_error() => [
            Words {
                title: "Máy chủ không đọc được yêu cầu này",
                advice: "Phiếu CHƯA được ghi. Xin mở lại trang từ đầu rồi thử lại.",
            },
            Words {
                title: "The server could not read this request",
                advice: "Nothing has been recorded. Open the page again from the start and try once more.",
            },
        ],
        _ => [
            Words {
                title: "Máy chủ gặp lỗi",
                advice: "Lỗi này không phải do Ông/Bà. Xin thử lại sau ít phút; nếu vẫn lỗi, xin báo mã tham chiếu dưới đây \
                         cho cơ quan.",
            },
            Words {
                title: "The server made an error",
                advice: "It is not your fault. Try again in a few minutes; if it happens again, tell the agency the reference below.",
            },
        ],
    }
}

/// The page of a status as HTML.
fn page(status: StatusCode, seen: &Seen) -> String {
    let [vi, en] = words(status);
    let reference = if status.is_server_error() {
        format!("<p><small>Mã tham chiếu · Reference: {}</small></p>", seen.reference)
    } else {
        String::new()
    };
    format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,\
         initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><title>{} · Hài Lòng</title><style>{STYLE}</style>\
         </head><body><main><section><h1>{}</h1><p>{}</p><p><a href=\"/\">Về trang đầu</a></p></section>\
         <section lang=\"en\"><h2>{}</h2><p>{}</p><p><a href=\"/?lang=en\">First page</a></p></section>{reference}</main></body></html>",
        vi.title, vi.title, vi.advice, en.title, en.advice
    )
}

/// Gives a bare error words; one that has them stays as it is. Its other headers (`Allow`, `Retry-After`) are kept.
pub(super) fn dress(response: Response, seen: &Seen) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if kind.starts_with(b"text/html")
        || kind.starts_with(b"application/json")
        || kind.starts_with(b"application/problem+json")
    {
        return response;
    }
    let status = response.status();
    let (kind, body) = if seen.program {
        let [_, en] = words(status);
        let body = serde_json::json!({ "error": en.title, "reference": seen.reference.to_string() });
        ("application/json", body.to_string())
    } else {
        ("text/html; charset=utf-8", page(status, seen))
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if !seen.program {
        parts.headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        parts.headers.entry(header::RETRY_AFTER).or_insert(RETRY_S.into());
    }
    Response::from_parts(parts, Body::from(body))
}
