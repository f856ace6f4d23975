// Which browser, which screens, which database. A spec's folder says its device (`everywhere` is all of them), and
// `*.script.spec.ts` is left out where scripts are off.
import { defineConfig } from "@playwright/test";
import type { ServerOptions } from "./support/test.js";

const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const tablet = { viewport: { width: 768, height: 1024 }, hasTouch: true, isMobile: true };
const desktop = { viewport: { width: 1280, height: 800 } };
const withoutScript = { javaScriptEnabled: false };

const of = (device: string) => new RegExp(`tests/(${device}|everywhere)/.*\\.spec\\.ts$`);
const needsScript = /\.script\.spec\.ts$/;

export default defineConfig<object, ServerOptions>({
  testDir: "tests",
  outputDir: "test-results",
  fullyParallel: false,
  forbidOnly: !!process.env.CI,
  retries: 0,
  workers: 2,
  // axe takes its time on a table of 114 agencies where other work shares the machine.
  timeout: 90_000,
  reporter: [["list"], ["json"]],
  use: {
    locale: "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh",
    trace: "retain-on-failure",
    serviceWorkers: "allow",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "phone", testMatch: of("phone"), use: phone },
    { name: "phone-no-script", testMatch: of("phone"), testIgnore: needsScript, use: { ...phone, ...withoutScript } },
    { name: "phone-postgres", testMatch: of("phone"), use: { ...phone, database: "postgres" } },
    { name: "tablet", testMatch: of("tablet"), use: tablet },
    { name: "tablet-postgres", testMatch: /tests\/tablet\/restore\..*spec\.ts$/, use: { ...tablet, database: "postgres" } },
    { name: "desktop", testMatch: of("desktop"), use: desktop },
    {
      name: "desktop-no-script",
      testMatch: of("desktop"),
      testIgnore: needsScript,
      use: { ...desktop, ...withoutScript },
    },
  ],
});
