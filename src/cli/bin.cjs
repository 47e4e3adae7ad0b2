#!/usr/bin/env node
/* Plain old JavaScript: it has to run on every Node to say which one is needed. */
'use strict';
var major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write('ferry needs Node 24 or newer; this is Node ' + process.versions.node + '. Install it from nodejs.org or with "npm install node@24".\n');
  process.exit(2);
}
import('./main.js').catch(function (error) {
  process.stderr.write(String((error && error.stack) || error) + '\n');
  process.exit(1);
});
