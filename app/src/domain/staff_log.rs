//! The log of staff: what is noted, and the bytes that chain it.
//!
//! Every act, and every look at comments or microdata, is one entry. Entries of one process form a chain: each holds
//! the hash of the one before, and now and then the heads of the other chains. Pure.
//!
//! # Canonical bytes
//! The hash of an entry is the SHA-256 of these, in this order, integers big-endian, each text as its length in bytes
//! (`u32`) and its UTF-8:
//!
//! ```text
//! "hailong-log-1"            the version of this layout
//! chain        text          the name of the chain: 32 hexadecimal digits, chosen at random
//! seq          i64           1, 2, 3, … without a gap
//! at           i64           milliseconds since 1970 UTC
//! actor        i64           key of the account, 0 where there is none
//! actor_name   text          its login name, or the name of the command
//! act          text          the word of the act
//! object       text          what it was done to
//! detail       text          the rest
//! previous     32 bytes      the hash of the entry before; zeros for the first
//! ```

use serde::{Deserialize, Serialize};

use super::ids::AccountId;
use super::response::coded;
use super::text::Lang;

coded!(
    /// What was done.
    Act {
        /// Signed in.
        SignIn = 1 "sign-in",
        /// A sign-in was refused.
        SignInRefused = 2 "sign-in-refused",
        /// Signed out, or ended a session.
        SignOut = 3 "sign-out",
        /// Asked for what the role may not.
        Refused = 4 "refused",
        /// Added an account.
        AccountAdded = 5 "account-added",
        /// Disabled or enabled an account.
        AccountChanged = 6 "account-changed",
        /// Gave an account a one-time password, or took its second factor away.
        AccountReset = 7 "account-reset",
        /// Changed the own password.
        PasswordChanged = 8 "password-changed",
        /// Set up the own second factor.
        SecondFactorSet = 9 "second-factor-set",
        /// Took tables or microdata along as a file.
        Export = 10 "export",
        /// Looked at comments.
        CommentsRead = 11 "comments-read",
        /// Labelled, assigned, answered or settled a comment.
        CommentChanged = 12 "comment-changed",
        /// Used a tool of the method.
        MethodTools = 13 "method-tools",
        /// Froze a round.
        Freeze = 14 "freeze",
        /// Published or corrected a round.
        Publish = 15 "publish",
        /// Enrolled a device.
        DeviceAdded = 16 "device-added",
        /// Exported the log.
        LogExport = 17 "log-export",
        /// Anchored the heads of the other chains; made by the log itself.
        Anchor = 18 "anchor",
        /// Imported agencies.
        AgenciesImported = 30 "agencies-imported",
        /// Made a round.
        RoundMade = 31 "round-made",
        /// Changed a round that takes no answers yet, or when it closes.
        RoundChanged = 32 "round-changed",
        /// Put agencies into a round or out of it, or set their N.
        RoundAgencies = 33 "round-agencies",
        /// Added desks to a round.
        DesksAdded = 34 "desks-added",
        /// Handed in a list of dossiers.
        FrameUploaded = 50 "frame-uploaded",
        /// Drew a sample.
        SampleDrawn = 51 "sample-drawn",
        /// Looked at whom a sample names.
        SampleSeen = 52 "sample-seen",
        /// Erased the contact data and links of a round.
        ContactsPurged = 53 "contacts-purged",
        /// Took the N of the lists as the N of the strata.
        PopulationsTaken = 54 "populations-taken",
        /// Voided a sample that was drawn in error.
        SampleVoided = 55 "sample-voided",
        /// Made or changed a field team.
        TeamChanged = 40 "team-changed",
        /// Handed out or took back units of a sample.
        Assigned = 41 "assigned",
        /// Made an enrolment code, or a device was enrolled with it.
        Enrolled = 42 "enrolled",
        /// Signed a device out from afar.
        DeviceSignedOut = 43 "device-signed-out",
        /// Took in the exported outbox of a tablet.
        OutboxImported = 45 "outbox-imported",
        /// Printed the list of a surveyor, with names and addresses.
        ListPrinted = 44 "list-printed",
        /// Made a batch of paper forms.
        PaperBatch = 56 "paper-batch",
        /// Settled the differences between two passes of a paper form.
        PaperSettled = 57 "paper-settled",
        /// Corrected what one had keyed of a paper form.
        PaperCorrected = 58 "paper-corrected",
        /// Closed a batch of paper forms: what is keyed counts.
        PaperClosed = 59 "paper-closed",
        /// Left responses out by a named rule, or took those back that one had left out.
        QualityRule = 60 "quality-rule",
        /// Proposed to leave single responses out or to take them back.
        QualityProposed = 61 "quality-proposed",
        /// Agreed to such a proposal, or did not.
        QualityDecided = 62 "quality-decided",
        /// Drew interviews to be called back.
        CallbacksDrawn = 63 "callbacks-drawn",
        /// Looked at whom to call back.
        CallbackSeen = 64 "callback-seen",
        /// Noted how a call-back ended.
        CallbackNoted = 65 "callback-noted",
        /// Ended quality control of a round.
        QualityEnded = 66 "quality-ended",
    }
);

impl Act {
    /// Its name for people.
    pub fn name(self, lang: Lang) -> &'static str {
        let (vi, en) = match self {
            Self::SignIn => ("Đăng nhập", "Signed in"),
            Self::SignInRefused => ("Từ chối đăng nhập", "Sign-in refused"),
            Self::SignOut => ("Đăng xuất", "Signed out"),
            Self::Refused => ("Từ chối truy cập", "Access refused"),
            Self::AccountAdded => ("Thêm tài khoản", "Account added"),
            Self::AccountChanged => ("Khoá, mở tài khoản", "Account disabled or enabled"),
            Self::AccountReset => ("Cấp lại tài khoản", "Account reset"),
            Self::PasswordChanged => ("Đổi mật khẩu", "Password changed"),
            Self::SecondFactorSet => ("Thiết lập mã xác thực", "Second factor set up"),
            Self::Export => ("Xuất dữ liệu", "Exported"),
            Self::CommentsRead => ("Xem ý kiến", "Comments read"),
            Self::CommentChanged => ("Xử lý ý kiến", "Comment handled"),
            Self::MethodTools => ("Công cụ phương pháp", "Method tools"),
            Self::Freeze => ("Chốt số liệu", "Frozen"),
            Self::Publish => ("Công bố", "Published"),
            Self::DeviceAdded => ("Thêm thiết bị", "Device enrolled"),
            Self::LogExport => ("Xuất nhật ký", "Log exported"),
            Self::Anchor => ("Neo nhật ký", "Chains anchored"),
            Self::AgenciesImported => ("Nhập danh sách cơ quan", "Agencies imported"),
            Self::RoundMade => ("Lập đợt đo lường", "Round made"),
            Self::RoundChanged => ("Sửa đợt đo lường", "Round changed"),
            Self::RoundAgencies => ("Cơ quan của đợt", "Agencies of a round"),
            Self::DesksAdded => ("Thêm quầy", "Desks added"),
            Self::FrameUploaded => ("Nộp danh sách hồ sơ", "List of dossiers handed in"),
            Self::SampleDrawn => ("Rút mẫu", "Sample drawn"),
            Self::SampleVoided => ("Huỷ lần rút mẫu", "Sample voided"),
            Self::SampleSeen => ("Xem danh sách mẫu", "Sample seen"),
            Self::ContactsPurged => ("Xoá dữ liệu liên hệ", "Contact data erased"),
            Self::PopulationsTaken => ("Lấy N từ danh sách hồ sơ", "N taken from the lists"),
            Self::TeamChanged => ("Lập, sửa đội điều tra", "Field team changed"),
            Self::Assigned => ("Phân công, thu hồi mẫu", "Units assigned or taken back"),
            Self::Enrolled => ("Ghi danh thiết bị", "Device enrolment"),
            Self::DeviceSignedOut => ("Đăng xuất thiết bị từ xa", "Device signed out"),
            Self::OutboxImported => ("Nhập phiếu từ tệp của máy", "Outbox of a device imported"),
            Self::ListPrinted => ("In danh sách mẫu", "Sample list printed"),
            Self::PaperBatch => ("Lập tập phiếu giấy", "Batch of paper forms made"),
            Self::PaperSettled => ("Chốt phiếu giấy", "Paper form settled"),
            Self::PaperCorrected => ("Sửa phiếu giấy đã nhập", "Paper form corrected"),
            Self::PaperClosed => ("Đóng tập phiếu giấy", "Batch of paper forms closed"),
            Self::QualityRule => ("Áp dụng, rút quy tắc loại phiếu", "Rule applied or withdrawn"),
            Self::QualityProposed => ("Đề nghị loại, lấy lại phiếu", "Leaving out or taking back proposed"),
            Self::QualityDecided => ("Duyệt đề nghị về phiếu", "Proposal on responses decided"),
            Self::CallbacksDrawn => ("Rút mẫu gọi lại", "Call-backs drawn"),
            Self::CallbackSeen => ("Xem danh sách gọi lại", "Call-back list seen"),
            Self::CallbackNoted => ("Ghi kết quả gọi lại", "Call-back noted"),
            Self::QualityEnded => ("Kết thúc kiểm tra chất lượng", "Quality control ended"),
        };
        if lang == Lang::Vi { vi } else { en }
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The account; none for a command of the operator and for who is not signed in.
    pub account: Option<AccountId>,
    /// The login name, or the name of the command.
    pub name: String,
}

impl Who {
    /// The operator, by a command of the binary.
    pub fn command(name: &str) -> Self {
        Self { account: None, name: name.to_owned() }
    }

    /// Nobody is signed in.
    pub fn nobody() -> Self {
        Self { account: None, name: String::new() }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The chain.
    pub chain: String,
    /// Place in the chain, from 1.
    pub seq: i64,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// Who.
    pub who: Who,
    /// The word of the act; one that this program does not know stays readable.
    pub act: String,
    /// What it was done to.
    pub object: String,
    /// The rest.
    pub detail: String,
    /// Hash of the entry before; zeros for the first.
    pub previous: Vec<u8>,
    /// Hash of this entry.
    pub hash: Vec<u8>,
}

impl Entry {
    /// The bytes whose SHA-256 is the hash; see the head of this module.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend(b"hailong-log-1");
        text(&mut bytes, &self.chain);
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(self.at.to_be_bytes());
        bytes.extend(i64::from(self.who.account.map_or(0, |account| account.0)).to_be_bytes());
        for part in [&self.who.name, &self.act, &self.object, &self.detail] {
            text(&mut bytes, part);
        }
        bytes.extend(&self.previous);
        bytes
    }

    /// "chain/seq", by which a broken entry is named.
    pub fn name(&self) -> String {
        format!("{}/{}", self.chain, self.seq)
    }
}

fn text(bytes: &mut Vec<u8>, part: &str) {
    bytes.extend((part.len() as u32).to_be_bytes());
    bytes.extend(part.as_bytes());
}

/// The head of a chain as an anchor names it: "chain/seq/hash" in its detail, one after another with spaces between.
pub fn heads_of(detail: &str) -> Option<Vec<(&str, i64, &str)>> {
    detail
        .split_ascii_whitespace()
        .map(|head| {
            let mut parts = head.split('/');
            let head = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
            parts.next().is_none().then_some(head)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            chain: "c".into(),
            seq: 1,
            at: 2,
            who: Who { account: Some(AccountId(3)), name: "lan".into() },
            act: "export".into(),
            object: "ninh-kieu".into(),
            detail: String::new(),
            previous: vec![0; 32],
            hash: vec![],
        }
    }

    #[test]
    fn words_that_move_between_fields_change_the_bytes() {
        let mut other = entry();
        other.object = "ninh".into();
        other.detail = "-kieu".into();
        assert_ne!(entry().canonical_bytes(), other.canonical_bytes());
    }

    #[test]
    fn the_layout_is_the_one_that_is_written_down() {
        let bytes = entry().canonical_bytes();
        let expected = b"hailong-log-1\0\0\0\x01c\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x03\0\0\0\x03lan\0\0\0\x06export\0\0\0\x09ninh-kieu\0\0\0\0";
        assert_eq!(bytes.split_at(expected.len()), (&expected[..], &[0; 32][..]));
    }

    #[test]
    fn heads_are_read_as_they_are_written_and_nothing_else_is() {
        assert_eq!(heads_of("a/1/ff b/20/00"), Some(vec![("a", 1, "ff"), ("b", 20, "00")]));
        assert_eq!(heads_of("a/x/ff"), None);
        assert_eq!(heads_of("a/1/ff/2"), None);
    }
}
