// Adds up what cargo and Playwright say: `node count-tests.js CARGO_LOG PLAYWRIGHT_REPORT`.
const { readFileSync } = require("fs");
const [log, report] = process.argv.slice(2);

let passed = 0;
let failed = 0;
for (const [, ok, bad] of readFileSync(log, "utf8").matchAll(/^test result: .* (\d+) passed; (\d+) failed;/gm)) {
  passed += Number(ok);
  failed += Number(bad);
}
try {
  const { stats } = JSON.parse(readFileSync(report, "utf8"));
  passed += stats.expected;
  // A test that passes only when it is tried again is counted as what it is.
  failed += stats.unexpected + stats.flaky;
} catch (error) {
  console.error(`the browser tests left no report: ${error.message}`);
  failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
