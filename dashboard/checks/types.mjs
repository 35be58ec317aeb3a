// Whether src/api/schema.d.ts is what openapi-typescript makes of docs/reference/openapi.json today.

import { readFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';

const kept = readFileSync(new URL('../src/api/schema.d.ts', import.meta.url), 'utf8');
const description = new URL('../../docs/reference/openapi.json', import.meta.url);
const ast = await openapiTS(description, { rootTypes: true, rootTypesNoSchemaPrefix: true, silent: true });
if (kept !== COMMENT_HEADER + astToString(ast)) {
  console.error('src/api/schema.d.ts is not of docs/reference/openapi.json: npm run types');
  process.exitCode = 1;
} else {
  console.log('types: current');
}
