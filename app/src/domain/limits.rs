//! Every limit on input, in one place, each with its reason.

/// Longest comment, in characters after NFC: a page of handwriting; more is a petition and has its own channel.
pub const COMMENT_CHARS: usize = 2_000;
/// Largest body of the citizen's form, in bytes: all radios, all facts and the longest comment percent-encoded
/// (a Vietnamese letter is up to 9 bytes there), twice over.
pub const FORM_BYTES: usize = 64 * 1024;
/// Largest body of `POST /api/v1/responses`, in bytes: 500 responses of the longest kind.
pub const API_BYTES: usize = 8 * 1024 * 1024;
/// Most responses in one request: a day of a whole team, and one transaction of the writer.
pub const API_RESPONSES: usize = 500;
/// Most members of each part of a response in JSON: twice the criteria of the longest questionnaire.
pub const ITEM_MEMBERS: usize = 2 * CRITERIA;
/// Most criteria in a questionnaire: the longest official one has 36.
pub const CRITERIA: usize = 120;
/// Most factors in a questionnaire; moments grow with its square.
pub const FACTORS: usize = 8;
/// Most options of a question with one or several choices: they are kept as bits of a `u32`.
pub const OPTIONS: usize = 32;
/// Most questions beside the criteria.
pub const QUESTIONS: usize = 64;
/// Longest code of anything (criterion, option, field, desk), in bytes.
pub const CODE_BYTES: usize = 40;
/// A response whose form has not been sent stays open this long, in milliseconds (24 hours).
pub const OPEN_MS: i64 = 24 * 3600 * 1000;
/// The same phone is recognised this long, in seconds (12 hours): a visit and the afternoon after it.
pub const COOKIE_S: i64 = 12 * 3600;
/// A phone that keeps no cookies may go on with its response this long after its tap, in seconds (30 minutes): the whole
/// form takes about ten, and an address that was copied is of no use after the visit.
pub const VISIT_S: i64 = 30 * 60;
/// The cookie of a phone lives this long, in seconds: as long as a response is open ([`OPEN_MS`]).
pub const RESUME_S: i64 = OPEN_MS / 1000;
/// A form of 22 questions that took less than this, in milliseconds, was not read.
pub const FAST_MS: i64 = 5_000;
/// Longest statement, question, label or note of a questionnaire or method, in characters: four lines on a phone,
/// with room for the note on the source.
pub const LABEL_CHARS: usize = 600;
/// Largest number that a number question may take: it is kept as a `u16` plus one, 0 standing for blank.
pub const NUMBER: u16 = u16::MAX - 1;
/// Largest questionnaire or method file, in bytes: twenty times the longest built-in one.
pub const QUESTIONNAIRE_FILE_BYTES: usize = 512 * 1024;
/// Longest code or name of an agency or stratum in the files of `hailong index`, in bytes: a full Vietnamese name.
pub const FILE_NAME_BYTES: usize = 200;
/// Longest line of a CSV file, in bytes: all criteria with quotes and spaces a hundred times over. It bounds memory.
pub const CSV_LINE_BYTES: usize = 64 * 1024;
/// Largest N of a stratum that is believed: ten times the people on earth.
pub const POPULATION: i64 = 100_000_000_000;
/// Longest reason of a correction, in characters: a paragraph that is read out.
pub const REASON_CHARS: usize = 1_000;
/// Largest file on the page that verifies publications, in bytes: a city of 250 agencies in four streams has 12 MB.
pub const BUNDLE_BYTES: usize = 24 * 1024 * 1024;
/// Memory that such a file may take when it is read to say what was changed in it, in bytes by `publication::weight`.
/// One that is as it was published is known without that.
pub const BUNDLE_WEIGHT: u64 = 64 * 1024 * 1024;
/// Longest search of the results page, in characters: longer than the longest name of an agency.
pub const SEARCH_CHARS: usize = 100;
/// Fewest characters of a staff password (OWASP ASVS 2.1.1); there are no rules on what they are.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Most characters of a staff password: far beyond any sentence, and a bound on what is hashed.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// Longest login name, in characters: it stands in tables and in every line of the log.
pub const LOGIN_CHARS: usize = 40;
/// Longest full name of a member of staff, in characters.
pub const PERSON_CHARS: usize = 120;
/// A one-time password that nobody has used by then is void, in milliseconds (7 days): a letter takes that long.
pub const ONE_TIME_MS: i64 = 7 * 24 * 3600 * 1000;
/// A session that nothing was asked in for so long is over, in milliseconds (30 minutes, ASVS 3.3.2 level 2).
pub const SESSION_IDLE_MS: i64 = 30 * 60 * 1000;
/// The longest session, in milliseconds (12 hours): a working day and the evening after it.
pub const SESSION_MS: i64 = 12 * 3600 * 1000;
/// How long one may take over the second factor or the first password, in milliseconds (15 minutes).
pub const SESSION_BEGUN_MS: i64 = 15 * 60 * 1000;
/// A session notes at most this often that it is used, in milliseconds: each note is a write.
pub const SESSION_TOUCH_MS: i64 = 60 * 1000;
/// Heads of the chains of the log are anchored to each other this often, in milliseconds (hourly).
pub const LOG_ANCHOR_MS: i64 = 3600 * 1000;
/// Longest object and detail of an entry of the log, in characters.
pub const LOG_CHARS: usize = 500;
/// Entries of the log on one page.
pub const LOG_PAGE: u64 = 100;
/// Bytes of answers that an export of microdata holds at a time, before they are shuffled: 1.8 million responses of 22
/// criteria. With the server's own memory and a page of the database it stays below 80 MB.
pub const EXPORT_BYTES: usize = 24 * 1024 * 1024;
/// One-page summaries that are kept under their marks, the newest: some 4 KB each, so 40 MB at most. A city of 250
/// agencies that prints every one once a week fills it in nine months.
pub const SUMMARIES: i64 = 10_000;
/// Fewest valid responses of a point in a series of rounds, and of a change: with 30 the
/// interval is still some 12 points to either side, wider than a change between two rounds usually is.
pub const TREND_RESPONDENTS: i64 = 30;
/// Moving figures of a real round move in steps of this many new responses (design: no single answer can be read off).
pub const STEP: u32 = 5;
/// Longest name of a round, of a field or on the sign of a desk, in characters: one line on a poster.
pub const ROUND_NAME_CHARS: usize = 120;
/// Most fields (lĩnh vực) of a round: a whole city tells 60 apart.
pub const FIELDS: usize = 200;
/// Largest file of agencies with their N, in bytes: 20,000 rows.
pub const ROUND_FILE_BYTES: usize = 2 * 1024 * 1024;
/// Most desks of a round: ten for every agency of the largest city.
pub const DESKS: usize = 20_000;
/// Fewest dossiers of an agency that is drawn: agencies below were left out in 2018 and 2019.
pub const SAMPLE_DOSSIERS_MIN: u32 = 50;
/// Reserve of a sample, in per cent of n: the national practice is 10 to 20.
pub const RESERVE_PERCENT: u32 = 20;
/// Largest list of dossiers that an agency hands in, in bytes: 300,000 lines of 110 bytes. Two of them may be in memory.
pub const FRAME_FILE_BYTES: usize = 32 * 1024 * 1024;
/// Most lines of such a list: the largest department of the city returns 200,000 dossiers a year.
pub const FRAME_LINES: u32 = 500_000;
/// Bytes of a workbook's parts once unpacked: text packs to a tenth, and what unpacks to more is no list.
pub const FRAME_UNPACKED_BYTES: u64 = 256 * 1024 * 1024;
/// Most parts of a workbook: one with 100 sheets, pictures and comments has some hundred.
pub const ZIP_PARTS: usize = 4_096;
/// Longest tag or text within a workbook, in bytes: a cell holds 32,767 characters, each of which may be written as
/// `&#x1EF1;`.
pub const XML_TOKEN_BYTES: usize = 512 * 1024;
/// Bytes of the texts that the cells of a workbook share: twice what a list may hold, for the sheets beside it.
pub const FRAME_STRINGS_BYTES: usize = 2 * FRAME_FILE_BYTES;
/// How many these texts are: eight different ones on each line of the longest list.
pub const FRAME_STRINGS: usize = 8 * FRAME_LINES as usize;
/// Most styles of a workbook: spreadsheet programs allow 65,490.
pub const FRAME_STYLES: usize = 65_536;
/// Sheets of a workbook among which the list is looked for.
pub const FRAME_SHEETS: usize = 30;
/// Bad lines that are named; the others are counted.
pub const FRAME_FAULTS: usize = 200;
/// Groups of different names with one number or telephone that are shown; more are kept apart without being asked.
pub const FRAME_GROUPS: usize = 50;
/// Lines of such a group that are named.
pub const FRAME_GROUP_LINES: usize = 12;
/// Lines shown beside the choice of columns.
pub const FRAME_PREVIEW: usize = 5;
/// Lines searched for the headings: lists begin with a title, a date, a stamp.
pub const FRAME_HEADING_LINES: usize = 20;
/// Most columns of a list.
pub const FRAME_COLUMNS: usize = 60;
/// Longest name, address or note of somebody on a list, in characters.
pub const CONTACT_CHARS: usize = 300;
/// A list that was sent and whose columns nobody chose is erased after so long, in milliseconds (24 hours).
pub const FRAME_ARRIVING_MS: i64 = 24 * 3600 * 1000;
/// Contact data and links are erased at the latest so long after the round closes, in milliseconds (90 days).
pub const CONTACTS_MS: i64 = 90 * 24 * 3600 * 1000;
/// A code that makes a device of whoever types it is void after so long, in milliseconds (24 hours): it is made the
/// evening before.
pub const ENROLMENT_MS: i64 = 24 * 3600 * 1000;
/// Letters of such a code: with 30 to choose from, 58 bits.
pub const ENROLMENT_LETTERS: usize = 12;
/// Most events in one request of a device: three days of a surveyor, many times over.
pub const FIELD_EVENTS: usize = 1_000;
/// Largest such request, in bytes: that many with the longest notes.
pub const FIELD_BYTES: usize = 4 * 1024 * 1024;
/// Largest file of a device's outbox, in bytes: 14 days of a busy kiosk, many times over.
pub const OUTBOX_FILE_BYTES: usize = 24 * 1024 * 1024;
/// Most records in such a file.
pub const OUTBOX_FILE_RECORDS: usize = 50_000;
/// A file that a supervisor sent waits so long for the word to take it in, in milliseconds (15 minutes).
pub const OUTBOX_FILE_MS: i64 = 15 * 60_000;
/// A running server counts up so often, in milliseconds (20 s): an earlier state that is restored by other means than
/// `hailong restore` is found when it is older than this.
pub const EPOCH_BEAT_MS: i64 = 20_000;
/// Longest word that a device makes for a request, in bytes: a UUID, and room.
pub const ASK_BYTES: usize = 64;
/// Longest note or reason of a surveyor, in characters.
pub const NOTE_CHARS: usize = 300;
/// Longest name of a team, a post or a device, in characters: it stands on a label.
pub const LABEL_NAME_CHARS: usize = 80;
/// Most members of a team: more have a second supervisor.
pub const TEAM_MEMBERS: usize = 60;
/// Every so many visitors is asked at most: above it a morning has no interview.
pub const EVERY_MAX: u32 = 1_000;
/// Largest quota of a post.
pub const QUOTA_MAX: u32 = 100_000;

/// Fewest valid responses of a stratum that keeps a weight of its own (method version 2). Below it the degrees of
/// freedom of the agency overstate what is known, and weighted shares could be solved for the answers of its people.
pub const STRATUM_RESPONSES: i64 = 10;
/// Fewest agencies that a design ratio, or a group with a variance of its own, rests on.
pub const POOLED_AGENCIES: usize = 5;
/// Fewest responses that a design ratio, or a group with a variance of its own, rests on.
pub const POOLED_RESPONSES: i64 = 500;
