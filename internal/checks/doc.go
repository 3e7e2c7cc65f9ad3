// Package checks tests the steps of `make check` that ask a database of known
// vulnerabilities: against stand-ins that know of nothing, of something bad,
// or do not answer. A step that cannot ask must not pass.
package checks
