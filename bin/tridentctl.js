#!/usr/bin/env node
// Written so that any Node there ever was can read it: it must be able to say that it is too old.
'use strict';
var oldest = 24;
var path = require('path');
var fs = require('fs');

function fail(message) {
  process.stderr.write('Error: ' + message + '\n');
  process.exit(1);
}

/** Runs this same file on the Node that the package pins, if it is installed, and ends as that one ends. */
function runOnPinnedNode() {
  var file = process.platform === 'win32' ? 'node.exe' : 'node';
  var pinned = path.join(__dirname, '..', 'node_modules', 'node', 'bin', file);
  if (process.env.TRIDENTCTL_PINNED_NODE || !fs.existsSync(pinned)) {
    return fail(
      'tridentctl needs Node.js ' +
        oldest +
        ' or later, this is ' +
        process.version +
        '; install one from nodejs.org or your system',
    );
  }
  process.env.TRIDENTCTL_PINNED_NODE = '1'; // never in a circle
  var child = require('child_process').spawn(pinned, [__filename].concat(process.argv.slice(2)), { stdio: 'inherit' });
  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (name) {
    process.on(name, function () {
      // A terminal sends Ctrl-C to both of us; only what was sent to this process alone is passed on.
      if (name !== 'SIGINT' || !process.stdin.isTTY) child.kill(name);
    });
  });
  child.on('error', function (error) {
    fail('cannot run ' + pinned + ': ' + error.message);
  });
  child.on('exit', function (status, signal) {
    if (!signal) return process.exit(status);
    process.removeAllListeners(signal);
    return process.kill(process.pid, signal);
  });
}

if (parseInt(process.version.slice(1), 10) < oldest) {
  runOnPinnedNode();
} else {
  require('module').enableCompileCache();
  var bundle = path.join(__dirname, '..', 'dist', 'main.cjs');
  if (!fs.existsSync(bundle)) fail('tridentctl is not built; run `npm run build` in ' + path.dirname(__dirname));
  require(bundle);
}
