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

var dist = path.join(__dirname, '..', 'dist');
/** What the build compiled ahead for this very Node and this kind of machine; nothing of it fits any other. */
var compiled = path.join(dist, ['compiled', process.version, process.platform, process.arch].join('-'));
var writesCompiled = process.env.TRIDENTCTL_BUILD === 'compile';
var bundles = {};

/** The code of a file of `dist/`, compiled ahead; undefined when it is not there or Node will not have it. */
function scriptOf(name, file) {
  var ahead = path.join(compiled, name);
  var options = { filename: file };
  if (fs.existsSync(ahead)) options.cachedData = fs.readFileSync(ahead);
  else if (!writesCompiled) return undefined;
  // The build writes nothing but ASCII, which is read fastest this way.
  var code = '(function (exports, require, module, __filename, __dirname) {' + fs.readFileSync(file, 'latin1') + '\n})';
  var script = new (require('vm').Script)(code, options);
  if (script.cachedDataRejected) return undefined;
  if (writesCompiled)
    process.on('exit', function () {
      fs.mkdirSync(compiled, { recursive: true });
      fs.writeFileSync(ahead, script.createCachedData());
    });
  return script;
}

/**
 * Loads a file of `dist/`. Compiled ahead it holds every function that a usual start needs, while Node's own compile
 * cache, the next best, holds none of those that are compiled when they are first called.
 */
function load(name) {
  var file = path.join(dist, name);
  var known = bundles[name];
  if (known) return known.exports;
  var script = scriptOf(name, file);
  if (!script) {
    require('module').enableCompileCache();
    return require(file);
  }
  var bundle = { exports: {} };
  bundles[name] = bundle;
  script.runInThisContext().call(bundle.exports, bundle.exports, requireFrom, bundle, file, dist);
  return bundle.exports;
}

function requireFrom(id) {
  return id.slice(0, 2) === './' ? load(id.slice(2)) : require(id);
}

if (parseInt(process.version.slice(1), 10) < oldest) {
  runOnPinnedNode();
} else if (fs.existsSync(path.join(dist, 'main.cjs'))) {
  load('main.cjs');
} else {
  fail('tridentctl is not built; run `npm run build` in ' + path.dirname(__dirname));
}
