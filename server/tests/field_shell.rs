//! The shell of the field teams' app, as a browser is given it.

#[path = "support/site.rs"]
mod site;

use axum::body::Body;
use axum::http::StatusCode;
use hailong_server::http::assets::bundle;
use hailong_server::routes;
use site::{ask, get, request, site};
use testkit::Folder;

#[tokio::test]
async fn the_worker_is_served_inside_its_scope_and_nowhere_else() {
    let folder = Folder::new("field-shell");
    let site = routes::router(site(&folder).await);
    for elsewhere in ["/sw.js", "/k/sw.js", "/quan-tri/sw.js", "/pkg/sw.js"] {
        let answer = get(&site, elsewhere).await;
        assert!(!answer.header("content-type").contains("javascript"), "{elsewhere}");
    }
    let worker = get(&site, "/thuc-dia/sw.js").await;
    if bundle().field_script.is_none() {
        // Not built here: no app at all, rather than half of one.
        assert_eq!(worker.status, StatusCode::NOT_FOUND);
        assert_eq!(get(&site, "/thuc-dia/").await.status, StatusCode::NOT_FOUND);
        return;
    }
    assert_eq!(worker.header("content-security-policy"), "default-src 'none'; connect-src 'self'");
    assert!(worker.header("content-type").contains("javascript"));
    assert_eq!(worker.header("cache-control"), "no-cache");
    // A wider scope would have to be allowed by this header.
    assert_eq!(worker.header("service-worker-allowed"), "");
}

#[tokio::test]
async fn the_page_lets_nothing_in_from_elsewhere() {
    let folder = Folder::new("field-shell-page");
    let site = routes::router(site(&folder).await);
    assert_eq!(get(&site, "/thuc-dia").await.header("location"), "/thuc-dia/");
    let page = get(&site, "/thuc-dia/").await;
    if bundle().field_script.is_none() {
        return;
    }
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("script-src 'self' 'wasm-unsafe-eval';") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval'; style-src *"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-cache");
    let manifest = get(&site, "/thuc-dia/app.webmanifest").await;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    assert!(manifest.body.contains("\"scope\": \"/thuc-dia/\""));
    // Each file is fetched twice, so it travels packed and, where nothing changed, not at all.
    for path in ["/thuc-dia/", "/thuc-dia/sw.js", "/thuc-dia/app.webmanifest", "/thuc-dia/icon.svg"] {
        let plain = get(&site, path).await;
        let packed = ask(&site, request("GET", path, &[("accept-encoding", "gzip, br")], Body::empty())).await;
        assert_eq!((packed.header("content-encoding"), packed.header("vary")), ("br", "accept-encoding"), "{path}");
        assert_ne!(packed.header("etag"), plain.header("etag"), "{path}");
        let again = request("GET", path, &[("if-none-match", plain.header("etag"))], Body::empty());
        assert_eq!(ask(&site, again).await.status, StatusCode::NOT_MODIFIED, "{path}");
    }
}
