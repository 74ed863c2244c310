// Speaks DIMSE through npm's dcmjs-dimse. `scp PORT` is a storage SCP that prints a line of JSON for each instance; `scu FILE` echoes,
// stores and searches as the file says, {"port", "called", "files", "study", "find"}, and prints one line of JSON with the results.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const dimse = require('dcmjs-dimse');
const { CEchoRequest, CFindRequest, CStoreRequest } = dimse.requests;
const { CEchoResponse, CStoreResponse } = dimse.responses;
const { PresentationContextResult, Status, TransferSyntax } = dimse.constants;

dimse.log.disableAll?.();
const print = value => fs.writeSync(1, JSON.stringify(value) + '\n');

function hash(pixels) {
  const parts = Array.isArray(pixels) ? pixels : [pixels];
  return crypto.createHash('sha256').update(Buffer.concat(parts.map(part => Buffer.from(part)))).digest('hex');
}

class StorageScp extends dimse.Scp {
  associationRequested(association) {
    const taken = [TransferSyntax.ExplicitVRLittleEndian, TransferSyntax.ImplicitVRLittleEndian];
    for (const { id } of association.getPresentationContexts()) {
      const context = association.getPresentationContext(id);
      const syntax = taken.find(uid => context.getTransferSyntaxUids().includes(uid));
      if (syntax) context.setResult(PresentationContextResult.Accept, syntax);
      else context.setResult(PresentationContextResult.RejectTransferSyntaxesNotSupported);
    }
    this.sendAssociationAccept();
  }

  cEchoRequest(request, callback) {
    const response = CEchoResponse.fromRequest(request);
    response.setStatus(Status.Success);
    callback(response);
  }

  cStoreRequest(request, callback) {
    const dataset = request.getDataset();
    print({ sop: dataset.getElement('SOPInstanceUID'), patient: dataset.getElement('PatientID'), pixels: hash(dataset.getElement('PixelData')) });
    const response = CStoreResponse.fromRequest(request);
    response.setStatus(Status.Success);
    callback(response);
  }

  associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }
}

function scu(input) {
  const result = { echo: null, stores: [], found: [], errors: [] };
  const client = new dimse.Client();
  const ask = (request, heard) => {
    request.on('response', heard);
    client.addRequest(request);
  };
  ask(new CEchoRequest(), response => { result.echo = response.getStatus(); });
  for (const file of input.files) {
    ask(new CStoreRequest(file), response => result.stores.push(response.getStatus()));
  }
  if (input.find) {
    ask(CFindRequest.createStudyFindRequest({ StudyInstanceUID: input.study, PatientID: '' }), response => {
      if (response.getStatus() === Status.Pending && response.hasDataset()) result.found.push(response.getDataset().getElement('PatientID'));
    });
  }
  client.on('networkError', error => result.errors.push(String(error)));
  client.on('associationRejected', reject => result.errors.push(JSON.stringify(reject)));
  client.on('closed', () => {
    print(result);
    process.exit(0);
  });
  client.send('127.0.0.1', input.port, 'DCMJS', input.called);
}

const [mode, argument] = process.argv.slice(2);
if (mode === 'scp') new dimse.Server(StorageScp).listen(Number(argument));
else scu(JSON.parse(fs.readFileSync(argument, 'utf8')));
