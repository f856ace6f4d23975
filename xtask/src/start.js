
// Appended to the script that wasm-bindgen writes: loads the WASM and wakes each island of the page, outer before
// inner. A `leptos-island` names the exported function that wakes it; `leptos-children` are server-made children of
// an island, whose owner wants to be told before an island among them wakes.
async function wakeIslands(node, exported, owners) {
  if (node.localName === "leptos-island") {
    const wake = exported[node.dataset.component];
    if (!wake) throw new Error(`no island ${node.dataset.component} in this bundle`);
    owners.at(-1)?.();
    await wake(node);
  }
  const inside = node.localName === "leptos-children" ? [...owners, node.$$on_hydrate] : owners;
  for (const child of node.children) await wakeIslands(child, exported, inside);
}
(async () => {
  const exported = await import(import.meta.url);
  await exported.default({ module_or_path: new URL("WASM_NAME", import.meta.url) });
  exported.hydrate();
  await wakeIslands(document.body, exported, []);
  document.documentElement.dataset.islands = "awake";
})();
