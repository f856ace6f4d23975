//! The catalogue tables as sea-orm entities. Private to the store: what leaves it are domain types.

macro_rules! entity {
    ($module:ident, $table:literal, { $($(#[$attribute:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        pub(super) mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub(in crate::store) struct Model { $($(#[$attribute])* pub(in crate::store) $field: $type),+ }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub(in crate::store) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity!(meta, "meta", { #[sea_orm(primary_key, auto_increment = false)] key: String, value: String });

entity!(agency, "agency", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    code: String, name: String, kind: String, level: i16, parent_id: Option<i32>, valid_from: i32, valid_to: Option<i32>,
});

entity!(agency_alias, "agency_alias", {
    #[sea_orm(primary_key, auto_increment = false)] agency_id: i32,
    #[sea_orm(primary_key, auto_increment = false)] alias: String,
});

entity!(agency_successor, "agency_successor", {
    #[sea_orm(primary_key, auto_increment = false)] agency_id: i32,
    #[sea_orm(primary_key, auto_increment = false)] successor_id: i32,
});

entity!(catalogue_version, "catalogue_version", {
    #[sea_orm(primary_key, auto_increment = false)] kind: String,
    #[sea_orm(primary_key, auto_increment = false)] key: String,
    #[sea_orm(primary_key, auto_increment = false)] version: i16,
    content: String,
});

entity!(round, "round", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    code: String, name_vi: String, name_en: String,
    questionnaire_key: String, questionnaire_version: i16, method_key: String, method_version: i16,
    period_from: i32, period_to: i32, opens_at: Option<i64>, closes_at: Option<i64>,
    fields: String, step: i32, sample_data: bool,
});

entity!(stratum, "stratum", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    round_id: i32, agency_id: i32, field: Option<i16>, population: Option<i64>,
});

entity!(desk, "desk", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    code: String, round_id: i32, agency_id: i32, name: String,
});

entity!(device, "device", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    name: String, agency_id: i32, stream: i16, token_hash: Vec<u8>, created_at: i64, revoked_at: Option<i64>,
});

entity!(freeze, "round_freeze", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    round_id: i32, frozen_at: i64, frozen_by: String, data_until: i64, strata: String, hash: Vec<u8>,
});

entity!(frozen_tally, "frozen_tally", {
    #[sea_orm(primary_key, auto_increment = false)] freeze_id: i32,
    #[sea_orm(primary_key, auto_increment = false)] agency_id: i32,
    #[sea_orm(primary_key, auto_increment = false)] stratum_id: i32,
    #[sea_orm(primary_key, auto_increment = false)] stream: i16,
    #[sea_orm(primary_key, auto_increment = false)] mode: i16,
    #[sea_orm(primary_key, auto_increment = false)] standing: i16,
    counts: Vec<u8>, hash: Vec<u8>,
});

entity!(publication, "publication", {
    #[sea_orm(primary_key, auto_increment = false)] number: i32,
    round_id: i32, freeze_id: i32, published_at: i64, published_by: String, pattern: String, bundle: String,
    hash: Vec<u8>, previous: Vec<u8>, key: Vec<u8>, signature: Vec<u8>, corrects: Option<i32>, reason: Option<String>,
});

entity!(account, "account", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    login: String, name: String, role: i16, agency_id: Option<i32>, password_hash: String, password_at: i64,
    must_change: bool, totp_secret: Option<Vec<u8>>, totp_step: i64, created_at: i64, disabled_at: Option<i64>,
});

entity!(session, "session", {
    #[sea_orm(primary_key)] id: i64,
    token_hash: Vec<u8>, account_id: i32, verified: bool, created_at: i64, seen_at: i64, agent: String,
});

entity!(staff_log, "staff_log", {
    #[sea_orm(primary_key, auto_increment = false)] chain: String,
    #[sea_orm(primary_key, auto_increment = false)] seq: i64,
    at: i64, account_id: Option<i32>, account_name: String, act: String, object: String, detail: String,
    previous: Vec<u8>, hash: Vec<u8>,
});

entity!(staff_log_head, "staff_log_head", {
    #[sea_orm(primary_key, auto_increment = false)] chain: String,
    seq: i64, hash: Vec<u8>, anchored_seq: i64,
});

entity!(paper_batch, "paper_batch", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    round_id: i32, agency_id: i32, field: Option<i16>, stream: i16, lang: i16, again: i16, seed: i64,
    questionnaire: String, collected_day: Option<i32>, made_by: String, made_at: i64,
});

entity!(paper_form, "paper_form", {
    #[sea_orm(primary_key, auto_increment = false)] code: String,
    batch_id: i32, number: i16, twice: i16, settled: Option<String>, unit: Option<i32>, settled_by: Option<String>,
    settled_at: Option<i64>, responded: i16,
});

entity!(paper_pass, "paper_pass", {
    #[sea_orm(primary_key, auto_increment = false)] code: String,
    #[sea_orm(primary_key, auto_increment = false)] pass: i16,
    account_id: i32, login: String, keyed_at: i64, keyed: String, unit: Option<i32>, former: Option<String>,
});

entity!(frame, "frame", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    round_id: i32, agency_id: i32, file_name: String, sha256: Vec<u8>, lines: i32, dossiers: i32, people: i32,
    bad_lines: i32, mapping: String, uploaded_by: String, uploaded_at: i64, standing: i16, hash: Option<Vec<u8>>,
});

entity!(frame_part, "frame_part", {
    #[sea_orm(primary_key, auto_increment = false)] frame_id: i32,
    #[sea_orm(primary_key, auto_increment = false)] seq: i32,
    sealed: Vec<u8>,
});

entity!(frame_stratum, "frame_stratum", {
    #[sea_orm(primary_key, auto_increment = false)] frame_id: i32,
    #[sea_orm(primary_key, auto_increment = false)] stratum_id: i32,
    dossiers: i32, people: i32,
});

entity!(sample_list, "sample_list", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    round_id: i32, agency_id: i32, frame_id: i32, rule: i16, seed: String, frame_hash: Vec<u8>, margin: Option<i16>,
    drawn_by: String, drawn_at: i64, program: String,
});

entity!(sample_stratum, "sample_stratum", {
    #[sea_orm(primary_key, auto_increment = false)] list_id: i32,
    #[sea_orm(primary_key, auto_increment = false)] stratum_id: i32,
    dossiers: i32, people: i32, n: i32, reserve: i32,
});

entity!(sample_unit, "sample_unit", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    list_id: i32, round_id: i32, agency_id: i32, stratum_id: i32, field: Option<i16>, party: i16, number: i32, pos: i32,
    reserve: bool, outcome: Option<i16>, attempts: i16, replaced_by: Option<Uuid>, closed_at: Option<i64>,
});

entity!(sample_contact, "sample_contact", {
    #[sea_orm(primary_key, auto_increment = false)] unit_id: Uuid,
    sealed: Vec<u8>,
});

entity!(contact_purge, "contact_purge", {
    #[sea_orm(primary_key, auto_increment = false)] round_id: i32,
    purged_at: i64, purged_by: String,
});

entity!(team, "team", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    round_id: i32, name: String, work: i16, supervisor_id: i32, created_at: i64,
});

entity!(team_member, "team_member", {
    #[sea_orm(primary_key, auto_increment = false)] team_id: i32,
    #[sea_orm(primary_key, auto_increment = false)] account_id: i32,
});

entity!(enrolment, "enrolment", {
    #[sea_orm(primary_key, auto_increment = false)] code_mac: Vec<u8>,
    team_id: i32, account_id: Option<i32>, post_id: Option<i32>, name: String, made_at: i64, used_at: Option<i64>,
});

entity!(field_device, "field_device", {
    #[sea_orm(primary_key, auto_increment = false)] device_id: i32,
    team_id: i32, account_id: Option<i32>, post_id: Option<i32>, api: i16, seen_at: i64, asked_day: i32, waiting: Option<i32>,
    signed_out_at: Option<i64>,
});

entity!(post, "post", {
    #[sea_orm(primary_key, auto_increment = false)] id: i32,
    team_id: i32, agency_id: i32, desk_id: i32, name: String, every: i32, target: Option<i32>,
});

entity!(lease, "lease", {
    #[sea_orm(primary_key, auto_increment = false)] post_id: i32,
    #[sea_orm(primary_key, auto_increment = false)] device_id: i32,
    granted: i32, used: i32,
});

entity!(attempt, "attempt", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    unit_id: Uuid, day: i32, outcome: i16, at: i64, device_id: i32, note: String, account_id: Option<i32>,
});

entity!(replacement, "replacement", {
    #[sea_orm(primary_key, auto_increment = false)] unit_id: Uuid,
    by_id: Uuid, reason: String, at: i64, device_id: i32,
});
