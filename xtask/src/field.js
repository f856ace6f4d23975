
// Appended to the script that wasm-bindgen writes: loads the WASM and starts the field teams' app.
(async () => {
  const exported = await import(import.meta.url);
  await exported.default({ module_or_path: new URL("WASM_NAME", import.meta.url) });
  exported.field();
})();
