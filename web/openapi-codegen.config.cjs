// How the client's types and hooks are made from the contract: `npm run generate`.
module.exports = {
  schemaFile: '../openapi.yaml',
  apiFile: './src/api/empty.ts',
  apiImport: 'emptyApi',
  outputFile: './src/api/generated.ts',
  exportName: 'generatedApi',
  hooks: true,
  encodePathParams: true,
  encodeQueryParams: false,
  filterEndpoints: [
    'listAssets', 'getAsset', 'listSignals', 'getSeries', 'getStatistics', 'listAnomalies',
    'listAlarms', 'getAlarm', 'acknowledgeAlarm', 'getLedger', 'listSources', 'getStatus',
  ],
};
