package c2pa

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"
)

// State is what is known of a file's manifest.
type State string

// The states. Valid says that nothing was changed since it was signed; whether
// the signer is who the certificate says is for the reader to judge.
const (
	StateNone    State = "none"    // the file holds no manifest
	StateValid   State = "valid"   // signature and hashes agree
	StateInvalid State = "invalid" // something was changed, or is malformed
	StateUnknown State = "unknown" // it uses what is not understood here
)

// Report is what a file says of itself and whether it can be believed.
type Report struct {
	State     State
	SHA256    string     // of the file, in lower-case hex
	Manifests []Manifest // the active one first, then those of its ingredients
	// Problems are codes of C2PA 2.2, 15.2, such as "assertion.dataHash.mismatch".
	Problems []string

	statuses []status
}

// Manifest is one signed statement.
type Manifest struct {
	Label        string
	Title        string
	Generator    string // the program that wrote it
	Signer       Certificate
	Actions      []Action
	Ingredients  []Ingredient
	SignatureOK  bool // signature and assertions agree
	HasTimestamp bool // a time-stamp is there; it is not checked
	InstanceID   string
}

// Certificate is who signed, in the words of the certificate.
type Certificate struct {
	CommonName, Organization, Issuer string
	NotBefore, NotAfter              time.Time
	Fingerprint                      string // SHA-256 in lower-case hex
}

// Ingredient is a picture that another was made of.
type Ingredient struct {
	Title, MIMEType, Relationship, ID string
	Manifest                          string // label of its manifest; "" where it has none
}

type status struct {
	code, url string
	failed    bool
	manifest  string
}

// decoding reads a stranger's CBOR with bounds.
var decoding = func() cbor.DecMode {
	m, err := cbor.DecOptions{MaxNestedLevels: 16, MaxArrayElements: 10_000, MaxMapPairs: 10_000, DupMapKey: cbor.DupMapKeyEnforcedAPF}.DecMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return m
}()

// Verify reads a whole JPEG, PNG or WebP and checks what its manifest says
// against its bytes. It never fails: what cannot be read is a state.
func Verify(file []byte) Report { return *verify(file) }

func verify(file []byte) *Report {
	sum := sha256.Sum256(file)
	r := &Report{State: StateNone, SHA256: hex.EncodeToString(sum[:])}
	data, spans, err := extract(file)
	if err != nil {
		return r
	}
	store, err := parseStore(data)
	if err != nil || len(store.children) == 0 {
		r.State = StateInvalid
		r.note("claim.missing", "", true, "")
		return r.finish()
	}
	v := &verifier{file: file, store: store, report: r, seen: map[string]bool{}}
	v.manifest(store.children[len(store.children)-1], true)
	if len(r.Manifests) > 0 && strings.HasPrefix(r.Manifests[0].Generator, Generator+" ") && !asWritten(file, data, spans, store) ||
		len(spans) == 1 && !pngChunksHold(file, spans[0]) {
		r.note("assertion.dataHash.mismatch", "", true, "")
	}
	return r.finish()
}

func (r *Report) note(code, url string, failed bool, manifest string) {
	r.statuses = append(r.statuses, status{code, url, failed, manifest})
}

func (r *Report) finish() *Report {
	if r.State == StateNone {
		r.State = StateValid
	}
	for _, s := range r.statuses {
		if !s.failed {
			continue
		}
		r.Problems = append(r.Problems, s.code)
		switch {
		case s.code == "algorithm.unsupported" || s.code == "claim.version.unsupported":
			if r.State == StateValid {
				r.State = StateUnknown
			}
		case s.code != "signingCredential.untrusted":
			r.State = StateInvalid
		}
	}
	return r
}

// results is a report as an ingredient records it.
func results(r *Report) *validationResults {
	out := &validationResults{ActiveManifest: statusLists{Success: []statusMap{}, Informational: []statusMap{}, Failure: []statusMap{}}}
	active := ""
	if len(r.Manifests) > 0 {
		active = r.Manifests[0].Label
	}
	for _, s := range r.statuses {
		if s.manifest != active {
			continue
		}
		m := statusMap{Code: s.code, URL: s.url}
		if s.failed {
			out.ActiveManifest.Failure = append(out.ActiveManifest.Failure, m)
		} else {
			out.ActiveManifest.Success = append(out.ActiveManifest.Success, m)
		}
	}
	// Nobody's list of trusted signers is kept here, so nobody is on it.
	out.ActiveManifest.Failure = append(out.ActiveManifest.Failure, statusMap{Code: "signingCredential.untrusted", URL: "self#jumbf=/c2pa/" + active + "/" + labelSignature})
	return out
}

// maxManifests bounds how far ingredients of ingredients are followed.
const maxManifests = 64

type verifier struct {
	file   []byte
	store  *box
	report *Report
	seen   map[string]bool
}

func (v *verifier) manifest(m *box, active bool) {
	if v.seen[m.label] || len(v.seen) >= maxManifests {
		return
	}
	v.seen[m.label] = true
	at := "self#jumbf=/c2pa/" + m.label
	note := func(code, part string, failed bool) { v.report.note(code, at+part, failed, m.label) }
	v.report.Manifests = append(v.report.Manifests, Manifest{Label: m.label})
	out := &v.report.Manifests[len(v.report.Manifests)-1]
	claimBox, assertions := m.ofKind(typeClaim), m.ofKind(typeAssertions)
	if !wellFormed(m) {
		note("claim.malformed", "", true)
		return
	}
	if claimBox == nil || assertions == nil {
		note("claim.missing", "", true)
		return
	}
	claim, err := readClaim(claimBox)
	if err != nil {
		note("claim.cbor.invalid", "", true)
		return
	}
	out.Title, out.InstanceID = claim.title, claim.instance
	out.Generator = strings.TrimSpace(claim.generator)
	begun := len(v.report.statuses)
	if where := claim.signature; where != "self#jumbf="+labelSignature && where != at+"/"+labelSignature {
		note("claimSignature.missing", "", true) // it refers to another manifest's
	}
	v.signature(m, claimBox, out, note)
	bound := v.assertions(assertions, claim.assertions, out, note)
	if active && !bound {
		note("claim.hardBindings.missing", "", true)
	}
	ok := true
	for _, s := range v.report.statuses[begun:] {
		ok = ok && (!s.failed)
	}
	out.SignatureOK = ok
	ingredients := out.Ingredients // out moves when manifests are added
	for _, i := range ingredients {
		if child := v.store.child(i.Manifest); i.Manifest != "" && child != nil {
			v.manifest(child, false)
		}
	}
}

// wellFormed reports whether a manifest's parts have the types and labels
// that belong to them. No hash covers those.
func wellFormed(m *box) bool {
	if m.kind != typeManifest && m.kind != "c2um" { // an update manifest
		return false
	}
	for _, b := range m.children {
		switch b.kind {
		case typeAssertions:
			if b.label != labelAssertions {
				return false
			}
		case typeClaim:
			if b.label != labelClaim && b.label != "c2pa.claim" || b.contentKind != "cbor" {
				return false
			}
		case typeSignature:
			if b.label != labelSignature || b.contentKind != "cbor" {
				return false
			}
		case "c2vc", "c2db", "c2ci": // credentials, data boxes, compressed: not read
		default:
			return false
		}
	}
	return true
}

// asWritten reports whether a store stands in a file byte for byte as this
// package writes one: headers between its parts are covered by no hash.
func asWritten(file, store []byte, spans []span, parsed *box) bool {
	active := parsed.children[len(parsed.children)-1]
	var parts []*box
	for _, part := range active.children {
		again := newBox(part.kind, part.label, part.content)
		if part.kind == typeAssertions {
			var all []*box
			for _, a := range part.children {
				all = append(all, newBox(typeCBOR, a.label, a.content))
			}
			again = newBox(part.kind, part.label, nil, all...)
		}
		parts = append(parts, again)
	}
	again := append(slices.Clone(parsed.children[:len(parsed.children)-1]), newBox(typeManifest, active.label, nil, parts...))
	if len(store) != 8+len(parsed.raw) || !bytes.Equal(newBox(typeStore, "c2pa", nil, again...).raw, parsed.raw) {
		return false
	}
	var got []byte
	for _, s := range spans {
		got = append(got, file[s.start:s.start+s.length]...)
	}
	return bytes.Equal(got, wrapped(file, store))
}

// claim is what is needed of a claim of either version.
type claim struct {
	title, instance, generator, signature string
	assertions                            []hashedURI
}

func readClaim(b *box) (claim, error) {
	var raw struct {
		Title      any         `cbor:"dc:title"`
		Instance   any         `cbor:"instanceID"`
		Signature  any         `cbor:"signature"`
		Generator  any         `cbor:"claim_generator"`
		Info       any         `cbor:"claim_generator_info"`
		Created    []hashedURI `cbor:"created_assertions"`
		Gathered   []hashedURI `cbor:"gathered_assertions"`
		Assertions []hashedURI `cbor:"assertions"` // of version 1
	}
	if err := decoding.Unmarshal(b.content, &raw); err != nil {
		return claim{}, err
	}
	c := claim{title: text(raw.Title), instance: text(raw.Instance), assertions: append(append(raw.Created, raw.Gathered...), raw.Assertions...)}
	c.generator, c.signature = text(raw.Generator), text(raw.Signature)
	if list, ok := raw.Info.([]any); ok && len(list) > 0 {
		raw.Info = list[0]
	}
	if info, ok := raw.Info.(map[any]any); ok {
		c.generator = text(info["name"]) + " " + text(info["version"])
	}
	return c, nil
}

// maxText bounds what is shown of a stranger's words, in bytes.
const maxText = 300

func text(v any) string {
	s, _ := v.(string)
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

func (v *verifier) signature(m, claimBox *box, out *Manifest, note func(string, string, bool)) {
	b := m.ofKind(typeSignature)
	if b == nil {
		note("claimSignature.missing", "", true)
		return
	}
	part := "/" + b.label
	var msg cose.Sign1Message
	if err := msg.UnmarshalCBOR(b.content); err != nil {
		note("claimSignature.mismatch", part, true)
		return
	}
	chain := certificates(msg.Headers)
	if len(chain) == 0 {
		note("signingCredential.invalid", part, true)
		return
	}
	leaf := chain[0]
	out.Signer = Certificate{
		CommonName: text(leaf.Subject.CommonName), Organization: text(strings.Join(leaf.Subject.Organization, ", ")),
		Issuer: text(leaf.Issuer.CommonName), NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter, Fingerprint: fingerprint(leaf),
	}
	for _, name := range []string{"sigTst", "sigTst2"} {
		_, has := msg.Headers.Unprotected[name]
		out.HasTimestamp = out.HasTimestamp || has
	}
	msg.Payload = claimBox.content
	if wrong := signedBy(&msg, leaf); wrong != "" {
		note(wrong, part, true)
		return
	}
	for i := range len(chain) - 1 {
		if chain[i].CheckSignatureFrom(chain[i+1]) != nil {
			note("signingCredential.invalid", part, true)
			return
		}
	}
	if now := time.Now(); !out.HasTimestamp && (now.Before(leaf.NotBefore) || now.After(leaf.NotAfter)) {
		note("signingCredential.expired", part, true)
	}
	note("claimSignature.insideValidity", part, false)
	note("claimSignature.validated", part, false)
}

// signedBy checks a signature by the key of its certificate; it returns what is
// wrong with it.
func signedBy(msg *cose.Sign1Message, leaf *x509.Certificate) string {
	alg, err := msg.Headers.Protected.Algorithm()
	if err != nil {
		return "algorithm.unsupported"
	}
	verifier, err := cose.NewVerifier(alg, leaf.PublicKey)
	if err != nil {
		return "algorithm.unsupported"
	}
	if msg.Verify(nil, verifier) != nil {
		return "claimSignature.mismatch"
	}
	return ""
}

// certificates are those of the x5chain header, the signer's first. Early
// writers named the header by its word.
func certificates(h cose.Headers) []*x509.Certificate {
	value, ok := h.Protected[x5chain]
	for _, other := range []any{h.Protected["x5chain"], h.Unprotected[x5chain], h.Unprotected["x5chain"]} {
		if !ok && other != nil {
			value, ok = other, true
		}
	}
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	var out []*x509.Certificate
	for _, one := range list[:min(len(list), 10)] {
		der, _ := one.([]byte)
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil
		}
		out = append(out, c)
	}
	return out
}

// assertions checks and reads the claim's assertions. It reports whether one of
// them binds the manifest to the file's bytes.
func (v *verifier) assertions(in *box, listed []hashedURI, out *Manifest, note func(string, string, bool)) (bound bool) {
	named := map[string]bool{}
	for _, a := range listed {
		label := a.URL[strings.LastIndexByte(a.URL, '/')+1:]
		part := "/" + in.label + "/" + text(label)
		b := in.child(label)
		switch {
		case b == nil:
			note("assertion.missing", part, true)
			continue
		case a.Alg != "" && a.Alg != "sha256":
			note("algorithm.unsupported", part, true)
		case !bytes.Equal(a.Hash, b.sum()):
			note("assertion.hashedURI.mismatch", part, true)
			continue
		default:
			note("assertion.hashedURI.match", part, false)
		}
		named[label] = true
		base, _, _ := strings.Cut(label, "__") // several of a kind are numbered
		switch {
		case base == labelHash:
			bound = true
			if len(v.report.Manifests) == 1 { // only the active one is about this file
				v.dataHash(b, part, note)
			}
		case strings.HasPrefix(base, "c2pa.hash."):
			bound = true
			note("algorithm.unsupported", part, true)
		case base == labelActions || base == "c2pa.actions":
			out.Actions = append(out.Actions, readActions(b)...)
		case strings.HasPrefix(base, "c2pa.ingredient"):
			out.Ingredients = append(out.Ingredients, v.ingredient(b, part, note))
		}
	}
	for _, b := range in.children {
		if !named[b.label] {
			note("assertion.undeclared", "/"+in.label+"/"+text(b.label), true)
		}
	}
	return bound
}

func (v *verifier) dataHash(b *box, part string, note func(string, string, bool)) {
	var h hashMap
	if decoding.Unmarshal(b.content, &h) != nil {
		note("assertion.cbor.invalid", part, true)
		return
	}
	if h.Alg != "" && h.Alg != "sha256" {
		note("algorithm.unsupported", part, true)
		return
	}
	_, spans, err := extract(v.file)
	sum, hashErr := hashOutside(v.file, h.Exclusions)
	if err != nil || hashErr != nil || !bytes.Equal(sum, h.Hash) || !onlyManifest(h.Exclusions, spans) {
		note("assertion.dataHash.mismatch", part, true)
		return
	}
	note("assertion.dataHash.match", part, false)
}

// onlyManifest reports whether what the hash leaves out is where the manifest
// stands, so that nothing else can hide there.
func onlyManifest(exclusions []exclusion, spans []span) bool {
	if len(spans) == 0 {
		return len(exclusions) == 0
	}
	from, to := spans[0].start, spans[len(spans)-1].start+spans[len(spans)-1].length
	for _, e := range exclusions {
		if e.Start < uint64(from) || e.Start+e.Length > uint64(to) {
			return false
		}
	}
	return true
}

func readActions(b *box) []Action {
	var raw struct {
		Actions []struct {
			Action      any `cbor:"action"`
			Description any `cbor:"description"`
			SourceType  any `cbor:"digitalSourceType"`
		} `cbor:"actions"`
	}
	if decoding.Unmarshal(b.content, &raw) != nil {
		return nil
	}
	var out []Action
	for _, a := range raw.Actions[:min(len(raw.Actions), 200)] {
		out = append(out, Action{Name: text(a.Action), Description: text(a.Description), DigitalSourceType: text(a.SourceType)})
	}
	return out
}

func (v *verifier) ingredient(b *box, part string, note func(string, string, bool)) Ingredient {
	var raw struct {
		Title        any        `cbor:"dc:title"`
		Format       any        `cbor:"dc:format"`
		Relationship any        `cbor:"relationship"`
		Instance     any        `cbor:"instanceID"`
		Active       *hashedURI `cbor:"activeManifest"`
		Manifest     *hashedURI `cbor:"c2pa_manifest"` // of version 1
	}
	if decoding.Unmarshal(b.content, &raw) != nil {
		note("assertion.cbor.invalid", part, true)
		return Ingredient{}
	}
	i := Ingredient{Title: text(raw.Title), MIMEType: text(raw.Format), Relationship: text(raw.Relationship), ID: text(raw.Instance)}
	at := raw.Active
	if at == nil {
		at = raw.Manifest
	}
	if at == nil {
		return i
	}
	i.Manifest = at.URL[strings.LastIndexByte(at.URL, '/')+1:]
	child := v.store.child(i.Manifest)
	switch {
	case child == nil:
		note("ingredient.manifest.missing", part, true)
		i.Manifest = ""
	case !bytes.Equal(child.sum(), at.Hash) && (at.Alg == "" || at.Alg == "sha256"):
		note("ingredient.manifest.mismatch", part, true)
	default:
		note("ingredient.manifest.validated", part, false)
	}
	return i
}

// SourceTypes are the digital source types that a manifest names, the last
// part of each URI, without repeats.
func (m *Manifest) SourceTypes() []string {
	var out []string
	seen := map[string]bool{}
	for _, a := range m.Actions {
		name := a.DigitalSourceType[strings.LastIndexByte(a.DigitalSourceType, '/')+1:]
		if name != "" && !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

// String names the state and its problems, for logs.
func (r Report) String() string { return fmt.Sprint(r.State, " ", r.Problems) }
