// Talks to the server through npm's dicomweb-client, as OHIF and other viewers do, and prints one line of JSON:
// the result of each call. The one argument is a file: {"root", "study", "plain", "multiframe", "compressed", "rle"},
// the last four with "path", "study", "series", "sop" and "syntax".
'use strict';

const fs = require('fs');
globalThis.XMLHttpRequest = require('xhr2');
const { api } = require('dicomweb-client');

const input = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const read = file => fs.readFileSync(file.path);
const hex = bytes => Buffer.from(bytes).toString('hex');
const client = options => new api.DICOMwebClient({ url: input.root, verbose: false, ...options });
const web = client();
const asStored = client({ headers: { Accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' } });
const uids = file => ({ studyInstanceUID: file.study, seriesInstanceUID: file.series, sopInstanceUID: file.sop });

// The data set begins after the file meta, whose length stands at byte 140.
function dataSet(bytes) {
  const file = Buffer.from(bytes);
  return file.subarray(144 + file.readUInt32LE(140));
}

const isSame = (file, bytes) => dataSet(read(file)).equals(dataSet(bytes));
const count = (files, received) => files.filter(file => received.some(bytes => isSame(file, bytes))).length;
const frames = async (file, mediaTypes, numbers) =>
  (await web.retrieveInstanceFrames({ ...uids(file), frameNumbers: numbers, ...(mediaTypes && { mediaTypes }) })).map(hex);
const compressed = (file, mediaType) => [{ mediaType, transferSyntaxUID: file.syntax }];
const octets = [{ mediaType: 'application/octet-stream', transferSyntaxUID: '*' }];

async function main() {
  const { plain, multiframe, rle } = input;
  const jpeg = input.compressed;
  const result = {};
  const datasets = [plain, multiframe, jpeg, rle].map(file => new Uint8Array(read(file)).buffer);
  const stored = JSON.parse(await web.storeInstances({ datasets }));
  result.stored = stored['00081199'].Value.length;
  result.failed = '00081198' in stored;

  const queryParams = { StudyInstanceUID: input.study, PatientName: 'Cli*', limit: 5, includefield: 'all' };
  result.studies = await web.searchForStudies({ queryParams });
  result.noStudies = await web.searchForStudies({ queryParams: { PatientID: 'nobody' } });
  result.series = await web.searchForSeries({ studyInstanceUID: input.study, queryParams: { Modality: 'OT' } });
  result.instances = await web.searchForInstances({ studyInstanceUID: input.study, queryParams: { SOPInstanceUID: plain.sop } });

  const metadata = await web.retrieveStudyMetadata({ studyInstanceUID: input.study });
  result.metadata = metadata.length;
  result.seriesMetadata = (await web.retrieveSeriesMetadata({ ...uids(plain) })).length;
  result.instanceMetadata = (await web.retrieveInstanceMetadata({ ...uids(plain) }))[0]['00080018'].Value[0];

  result.sameInstance = isSame(plain, await web.retrieveInstance(uids(plain)));
  result.sameSeries = count([plain, multiframe], await web.retrieveSeries(uids(plain)));
  result.sameCompressed = isSame(jpeg, await asStored.retrieveInstance(uids(jpeg)));
  result.sameStudy = count([plain, multiframe, jpeg], await asStored.retrieveStudy({ studyInstanceUID: input.study }));

  result.nativeFrames = await frames(multiframe, null, [1, 2, 3]);
  result.nativeFramesOfAnySyntax = await frames(multiframe, octets, [3, 1]);
  result.jpegFrames = await frames(jpeg, compressed(jpeg, 'image/jpeg'), [1, 2]);
  result.jpegFramesAsOctets = await frames(jpeg, octets, [2]);
  result.jpegFramesOfEitherKind = await frames(jpeg, [...octets, ...compressed(jpeg, 'image/jpeg')], [1]);
  result.rleFrames = await frames(rle, compressed(rle, 'image/x-dicom-rle'), [1, 2]);

  const pixels = metadata.find(item => item['00080018'].Value[0] === plain.sop)['7FE00010'];
  const BulkDataURI = pixels.BulkDataURI;
  result.bulkData = (await web.retrieveBulkData({ BulkDataURI })).map(hex);
  result.bulkDataSinglePart = (await client({ singlepart: 'bulkdata' }).retrieveBulkData({ BulkDataURI })).map(hex);

  result.unknown = await web.retrieveInstance({ ...uids(plain), sopInstanceUID: '1.2.3' }).then(() => 200, error => error.status);
  console.log(JSON.stringify(result));
}

main().catch(error => {
  console.error(error.status ?? '', error.stack, error.response ? Buffer.from(error.response).toString() : '');
  process.exit(1);
});
