// Runs in a browser page of another origin: the requests of a viewer, and those of a page that no setting allows.
// Each function returns an object with its results.
'use strict';

const fromBase64 = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));
const toBase64 = bytes => btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
const text = bytes => new TextDecoder('latin1').decode(bytes);

function multipart(files) {
  const boundary = 'browser-' + Math.random().toString(36).slice(2);
  const pieces = files.flatMap(file => [`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`, fromBase64(file), '\r\n']);
  return { type: `multipart/related; type="application/dicom"; boundary=${boundary}`, body: new Blob([...pieces, `--${boundary}--\r\n`]) };
}

// Latin-1 has one character for each byte, so offsets in the text are offsets in the bytes.
async function parts(response) {
  const boundary = /boundary="?([^";]+)/.exec(response.headers.get('Content-Type'))[1];
  const bytes = new Uint8Array(await response.arrayBuffer());
  const all = '\r\n' + text(bytes);
  const found = [];
  let at = all.indexOf(`\r\n--${boundary}`);
  for (let next; (next = all.indexOf(`\r\n--${boundary}`, at + 1)) >= 0; at = next) {
    const body = all.indexOf('\r\n\r\n', at) + 4;
    found.push({ headers: all.slice(at, body), body: toBase64(bytes.slice(body - 2, next - 2)) });
  }

  return found;
}

async function view({ root, files, study, instance, compressed, patient }) {
  const result = {};
  const auth = { Authorization: 'Bearer test' };
  const { type, body } = multipart(files);
  const stored = await fetch(`${root}/studies`, { method: 'POST', headers: { ...auth, 'Content-Type': type }, body });
  result.stored = { status: stored.status, answer: await stored.json() };

  const found = await fetch(`${root}/studies?PatientID=${encodeURIComponent(patient)}&includefield=all`, { headers: { ...auth, Accept: 'application/dicom+json' } });
  result.found = await found.json();
  const limited = await fetch(`${root}/studies/${study}/instances?limit=1`);
  result.limited = { count: (await limited.json()).length, warning: limited.headers.get('Warning') };

  const metadata = await fetch(`${root}/studies/${study}/metadata`, { headers: { Accept: 'application/dicom+json' } });
  const etag = metadata.headers.get('ETag');
  result.metadata = { etag, items: await metadata.json() };
  result.notModified = (await fetch(`${root}/studies/${study}/metadata`, { headers: { 'If-None-Match': etag }, cache: 'no-store' })).status;

  const accept = 'multipart/related; type=application/octet-stream; transfer-syntax=*';
  result.frames = await parts(await fetch(`${root}${instance}/frames/1,2,3`, { headers: { Accept: accept } }));
  result.compressed = await parts(await fetch(`${root}${compressed}/frames/1,2`, { headers: { Accept: accept } }));
  const frame = await fetch(`${root}${instance}/frames/2`, { headers: { Accept: 'application/octet-stream' } });
  result.frame = { etag: frame.headers.get('ETag'), location: frame.headers.get('Content-Location'), body: toBase64(new Uint8Array(await frame.arrayBuffer())) };

  const ranged = await fetch(`${root}${instance}`, { headers: { Accept: 'application/dicom', Range: 'bytes=128-131' } });
  result.range = { status: ranged.status, range: ranged.headers.get('Content-Range'), body: await ranged.text() };
  const bulk = result.metadata.items.find(item => item['7FE00010']?.BulkDataURI?.includes(instance))['7FE00010'].BulkDataURI;
  result.bulk = (await parts(await fetch(bulk, { headers: { Accept: accept } })))[0].body;

  result.unknown = (await fetch(`${root}/studies/1.2.3/metadata`)).status;
  result.deleted = await outcome(() => fetch(`${root}/studies/${study}`, { method: 'DELETE', headers: auth }));
  result.afterwards = (await fetch(`${root}/studies/${study}/metadata`)).status;
  return result;
}

// Returns what a script sees of an answer: its status, "opaque" if it may not look into it, "refused" if there is none.
async function outcome(request) {
  try {
    const response = await request();
    return response.type === 'opaque' ? 'opaque' : response.status;
  } catch {
    return 'refused';
  }
}

async function intrude({ root, feed, file, study }) {
  const type = 'multipart/related; type="application/dicom"; boundary=x';
  const blind = { mode: 'no-cors' };
  return {
    search: await outcome(() => fetch(`${root}/studies`)),
    metadata: await outcome(() => fetch(`${root}/studies/${study}/metadata`, { headers: { Authorization: 'Bearer test' } })),
    feed: await outcome(() => fetch(feed)),
    blindSearch: await outcome(() => fetch(`${root}/studies`, blind)),
    remove: await outcome(() => fetch(`${root}/studies/${study}`, { method: 'DELETE' })),
    store: await outcome(() => fetch(`${root}/studies`, { method: 'POST', headers: { 'Content-Type': type }, body: multipart([file]).body })),
    blindStore: await outcome(() => fetch(`${root}/studies`, { ...blind, method: 'POST', body: new Blob([fromBase64(file)], { type: 'text/plain' }) })),
  };
}

// Runs in a page that comes from the server itself, under a foreign name that leads to it.
const rebound = async study => ({
  search: await outcome(() => fetch('/dicom-web/studies')),
  feed: await outcome(() => fetch('/changefeed')),
  remove: await outcome(() => fetch(`/dicom-web/studies/${study}`, { method: 'DELETE' })),
});
