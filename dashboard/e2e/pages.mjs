// Opens every page of a running API in both themes and two widths, and says what is wrong with it:
//   node e2e/pages.mjs http://127.0.0.1:8787 [directory for screenshots]
// A page is wrong that has an axe violation, a console error, a request that leaves loopback, or that is wider than
// its window. The last line is one JSON object; the exit code is 1 where anything was wrong.

import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { journeys } from './journeys.mjs';

const [address, shots] = process.argv.slice(2);
if (!address) throw new Error('usage: node e2e/pages.mjs ADDRESS [DIRECTORY]');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SIZES = { wide: { width: 1360, height: 900 }, narrow: { width: 390, height: 844 } };
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'];
const QUIET = ['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

async function first(path, pick = () => true) {
  const answer = await fetch(new URL(path, address));
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return (await answer.json()).items.find(pick);
}

/** Every page by name; those of one thing are of a thing that has much to show. */
async function pages() {
  const acted = await first('/api/v1/recommendations?verdict=act&limit=50');
  const held = await first('/api/v1/recommendations?suppressed=true&limit=50');
  const skipped = await first('/api/v1/decisions?verdict=skip&limit=50');
  const order = await first('/api/v1/orders?limit=50', (row) => row.status === 'filled');
  const document = await first('/api/v1/documents?status=extracted&limit=50');
  return Object.entries({
    pipeline: '/pipeline',
    recommendations: '/recommendations',
    recommendation: acted && `/recommendations/${acted.id}`,
    'recommendation-held': held && `/recommendations/${held.id}`,
    trading: '/trading',
    orders: order && `/trading?tab=orders&order=${order.id}`,
    decisions: '/trading?tab=decisions',
    decision: skipped && `/trading/decisions/${skipped.id}`,
    documents: '/documents',
    document: document && `/documents/${document.id}`,
    nowhere: '/nowhere',
  }).filter(([, path]) => path);
}

function watch(page, wrong) {
  page.on('console', (message) => {
    if (message.type() === 'error') wrong(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong(`thrown: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && !LOOPBACK.has(hostname)) wrong(`left loopback: ${request.url()}`);
  });
}

/** A page is there when its heading is and no skeleton is left; the chart comes after that. */
async function settled(page) {
  await page.locator('h1').waitFor();
  await page.waitForFunction(() => !document.querySelector('main [role=status][aria-label^=Loading]'));
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(250);
}

async function look(page, name, wrong) {
  await settled(page);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  for (const { id, nodes } of violations) {
    wrong(`axe ${id}: ${nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(' | ')}`);
  }
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (over > 0) wrong(`${over} px wider than its window`);
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: name.endsWith('-full') });
}

async function main() {
  if (shots) mkdirSync(shots, { recursive: true });
  const problems = [];
  let views = 0;
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: [...FLAGS, ...QUIET] });
  try {
    const all = await pages();
    for (const colorScheme of ['light', 'dark']) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
        const page = await context.newPage();
        let where = '';
        const wrong = (what) => problems.push(`${where}: ${what}`);
        watch(page, wrong);
        for (const [name, path] of all) {
          where = `${name}-${colorScheme}-${size}`;
          await page.goto(new URL(path, address).href);
          await look(page, where, wrong);
          views += 1;
        }
        await context.close();
      }
    }
    const context = await browser.newContext({ viewport: SIZES.wide });
    const page = await context.newPage();
    watch(page, (what) => problems.push(`journey: ${what}`));
    problems.push(...(await journeys(page, address, settled, shots)));
  } finally {
    await browser.close();
  }
  for (const problem of problems) console.error(problem);
  console.log(JSON.stringify({ views, problems: problems.length }));
  process.exitCode = problems.length > 0 ? 1 : 0;
}

await main();
