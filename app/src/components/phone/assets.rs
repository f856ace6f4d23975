//! Style and script of the phone pages, which travel inside the page and are allowed by their hash.

use std::sync::LazyLock;

static STYLE: LazyLock<String> =
    LazyLock::new(|| without_comments(include_str!("../../../../style/phone.css"), "/*", "*/").replace('\n', ""));
static SCRIPT: LazyLock<String> =
    LazyLock::new(|| squeezed(&without_comments(include_str!("../../pages/respond/phone.js"), "//", "\n")));

/// The style, as it is sent.
pub fn style() -> &'static str {
    &STYLE
}

/// The script, as it is sent. Pages are complete without it.
pub fn script() -> &'static str {
    &SCRIPT
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
            assert!(!style().contains(word), "{word}");
        }
    }

    #[test]
    fn the_script_keeps_to_the_language_of_2017() {
        for word in ["?.", "??", "...{", "#!", "catch{", "catch {", "async", "import", "</"] {
            assert!(!script().contains(word), "{word}");
        }
    }
}
