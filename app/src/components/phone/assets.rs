//! Style and script of the phone pages, which travel inside the page and are allowed by their hash.

use std::sync::LazyLock;

/// What a page has in it; style and script that it does not need do not travel with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Faces, or a few buttons.
    Faces,
    /// The form.
    Form,
}

impl Kind {
    /// The kind of a ready page.
    pub fn of(html: &str) -> Self {
        if html.contains(style(Self::Form)) { Self::Form } else { Self::Faces }
    }

    /// The name of its lines in the sources.
    fn name(self) -> &'static str {
        match self {
            Self::Faces => "faces",
            Self::Form => "form",
        }
    }
}

/// Style and script of one kind.
struct Assets {
    style: String,
    script: String,
}

impl Assets {
    fn of(kind: Kind) -> Self {
        let style = lines_of(include_str!("../../../../style/phone.css"), kind);
        let script = lines_of(include_str!("../../pages/respond/phone.js"), kind);
        Self {
            style: without_comments(&style, "/*", "*/").replace('\n', ""),
            script: squeezed(&without_comments(&script, "//", "\n")),
        }
    }
}

static FACES: LazyLock<Assets> = LazyLock::new(|| Assets::of(Kind::Faces));
static FORM: LazyLock<Assets> = LazyLock::new(|| Assets::of(Kind::Form));

fn assets(kind: Kind) -> &'static Assets {
    match kind {
        Kind::Faces => &FACES,
        Kind::Form => &FORM,
    }
}

/// The style of a kind of page, as it is sent.
pub fn style(kind: Kind) -> &'static str {
    &assets(kind).style
}

/// The script of a kind of page, as it is sent. Pages are complete without it.
pub fn script(kind: Kind) -> &'static str {
    &assets(kind).script
}

/// The lines of a source that pages of this kind need: after a line with `@faces` or `@form` they are of that kind alone,
/// after `@all` of all.
fn lines_of(source: &str, kind: Kind) -> String {
    let mut taken = true;
    let mut out = String::with_capacity(source.len());
    for line in source.lines() {
        let mark = line.trim();
        if let Some(mark) = mark.strip_prefix("//@").or_else(|| mark.strip_prefix("/*@")?.strip_suffix("*/")) {
            taken = mark == "all" || mark == kind.name();
        } else if taken {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// The source without comments and indentation. A comment starts its line, so that "//" inside a string is none.
fn without_comments(source: &str, open: &str, close: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(line_end) = rest.find('\n') {
        let line = rest[..line_end].trim();
        if line.starts_with(open) {
            rest = rest.find(close).map_or("", |end| &rest[end + close.len()..]);
            continue;
        }
        if !line.is_empty() {
            out.push_str(line);
            out.push('\n');
        }
        rest = &rest[line_end + 1..];
    }
    out.push_str(rest.trim());
    out
}

/// The script without the spaces that nothing needs. Line breaks stay: they may end a statement. Strings stay as they
/// are; regular expressions must hold no space.
fn squeezed(script: &str) -> String {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    let mut out = String::with_capacity(script.len());
    let mut quote = None;
    let mut rest = script.chars().peekable();
    while let Some(c) = rest.next() {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None if c == ' ' && !(word(out.chars().last()) && word(rest.peek().copied())) => continue,
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_stay_at_home() {
        assert_eq!(without_comments("/* a\n b */\n.x{\n  top:0\n}\n", "/*", "*/"), ".x{\ntop:0\n}\n");
        assert_eq!(without_comments("// why\nlet a='//'\n\n  f()", "//", "\n"), "let a='//'\nf()");
    }

    #[test]
    fn a_page_carries_what_its_kind_needs() {
        let source = "a\n//@form\nb\n//@all\nc\n/*@faces*/\nd\n";
        assert_eq!(
            (lines_of(source, Kind::Form).as_str(), lines_of(source, Kind::Faces).as_str()),
            ("a\nb\nc\n", "a\nc\nd\n")
        );
        assert!(style(Kind::Faces).contains(".faces") && !style(Kind::Faces).contains(".scale"));
        assert!(style(Kind::Form).contains(".scale") && !style(Kind::Form).contains(".faces"));
        assert_eq!(Kind::of(style(Kind::Form)), Kind::Form);
    }

    #[test]
    fn spaces_go_where_nothing_needs_them() {
        assert_eq!(squeezed("const a = 'b  c', d = (e) => { return e }"), "const a='b  c',d=(e)=>{return e}");
    }

    #[test]
    fn the_style_is_flat_enough_for_an_old_webview() {
        for word in [
            "@layer",
            ":has",
            "gap",
            "inset:",
            "dvh",
            "min(",
            "max(",
            "clamp(",
            ":is(",
            ":where(",
            "&",
            "aspect-ratio",
            "@import",
            "url(",
        ] {
            assert!(!style(Kind::Faces).contains(word) && !style(Kind::Form).contains(word), "{word}");
        }
    }

    #[test]
    fn the_script_keeps_to_the_language_of_2017() {
        for word in ["?.", "??", "...{", "#!", "catch{", "catch {", "async", "import", "</"] {
            assert!(!script(Kind::Faces).contains(word) && !script(Kind::Form).contains(word), "{word}");
        }
    }
}
