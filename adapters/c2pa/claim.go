package c2pa

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Labels of the assertions that are written and understood (C2PA 2.2, 18).
const (
	labelClaim      = "c2pa.claim.v2"
	labelSignature  = "c2pa.signature"
	labelAssertions = "c2pa.assertions"
	labelActions    = "c2pa.actions.v2"
	labelHash       = "c2pa.hash.data"
	labelIngredient = "c2pa.ingredient.v3"
)

// hashedURI refers to a box and says what it held.
type hashedURI struct {
	URL  string `cbor:"url"`
	Hash []byte `cbor:"hash"`
	Alg  string `cbor:"alg,omitempty"`
}

type generatorInfo struct {
	Name    string `cbor:"name"`
	Version string `cbor:"version,omitempty"`
}

type claimMap struct {
	InstanceID string        `cbor:"instanceID"`
	Generator  generatorInfo `cbor:"claim_generator_info"`
	Title      string        `cbor:"dc:title,omitempty"`
	Created    []hashedURI   `cbor:"created_assertions"`
	Gathered   []hashedURI   `cbor:"gathered_assertions,omitempty"`
	Signature  string        `cbor:"signature"`
	Alg        string        `cbor:"alg,omitempty"`
}

type actionParameters struct {
	Ingredients []hashedURI `cbor:"ingredients,omitempty"`
}

type actionMap struct {
	Action            string            `cbor:"action"`
	Description       string            `cbor:"description,omitempty"`
	DigitalSourceType string            `cbor:"digitalSourceType,omitempty"`
	When              any               `cbor:"when,omitempty"`
	SoftwareAgent     any               `cbor:"softwareAgent,omitempty"`
	Parameters        *actionParameters `cbor:"parameters,omitempty"`
}

type actionsMap struct {
	Actions []actionMap `cbor:"actions"`
}

type exclusion struct {
	Start  uint64 `cbor:"start"`
	Length uint64 `cbor:"length"`
}

type hashMap struct {
	Exclusions []exclusion `cbor:"exclusions,omitempty"`
	Alg        string      `cbor:"alg,omitempty"`
	Name       string      `cbor:"name,omitempty"`
	Hash       []byte      `cbor:"hash"`
	Pad        []byte      `cbor:"pad"`
}

type statusMap struct {
	Code        string `cbor:"code"`
	URL         string `cbor:"url,omitempty"`
	Explanation string `cbor:"explanation,omitempty"`
}

type statusLists struct {
	Success       []statusMap `cbor:"success"`
	Informational []statusMap `cbor:"informational"`
	Failure       []statusMap `cbor:"failure"`
}

type validationResults struct {
	ActiveManifest statusLists `cbor:"activeManifest"`
}

type ingredientMap struct {
	Title             string             `cbor:"dc:title,omitempty"`
	Format            string             `cbor:"dc:format,omitempty"`
	Relationship      string             `cbor:"relationship"`
	InstanceID        string             `cbor:"instanceID,omitempty"`
	ValidationResults *validationResults `cbor:"validationResults,omitempty"`
	ActiveManifest    *hashedURI         `cbor:"activeManifest,omitempty"`
	ClaimSignature    *hashedURI         `cbor:"claimSignature,omitempty"`
	Description       string             `cbor:"description,omitempty"`
}

var encoding = func() cbor.EncMode {
	o := cbor.CoreDetEncOptions()
	m, err := o.EncMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return m
}()

// Action is one thing that was done to a picture, in the words of C2PA 2.2,
// 18.15, such as "c2pa.cropped".
type Action struct {
	Name              string
	Description       string
	DigitalSourceType string // a URI of IPTC's vocabulary
}

// Source is the picture that a file was made of.
type Source struct {
	Title    string
	MIMEType string
	ID       string // how the maker of the file knows it
	// File is the source's whole file where it may hold a manifest; nil otherwise.
	File []byte
}

// Parent is a source, checked once, for any number of files made of it.
type Parent struct {
	source    Source
	manifests []*box // of its store, the active one last
	active    *box
	results   *validationResults
}

// maxParent is the largest store that is carried on. Larger ones hold
// thumbnails, which a file for a placement has no room for.
const maxParent = 256 << 10

// NewParent reads the source's own manifests. A source without any, or with
// ones that cannot be read, is a parent that says nothing of itself.
func NewParent(source Source) *Parent {
	p := &Parent{source: source}
	data, _, err := extract(source.File)
	if err != nil || len(data) > maxParent {
		return p
	}
	store, err := parseStore(data)
	if err != nil || len(store.children) == 0 {
		return p
	}
	p.manifests = store.children
	p.active = store.children[len(store.children)-1]
	p.results = results(verify(source.File))
	p.source.File = nil
	return p
}

// Generator is the name of this program in the manifests that it writes.
const Generator = "Gemini Image Chat"

// Signer writes signed manifests.
type Signer struct {
	Identity *Identity
	Version  string // of the program, as the claim's generator
}

// Sign returns file, a JPEG or PNG without a manifest, with one that says what
// it was made of and how. The same input has the same output.
func (s *Signer) Sign(file []byte, parent *Parent, actions []Action) ([]byte, error) {
	at, err := place(file)
	if err != nil {
		return nil, err
	}
	// The hash covers all but the manifest, and stands inside it; so does the
	// manifest's length, whose CBOR grows with it. Two or three rounds settle it.
	sum := sha256.Sum256(file)
	for length, round := 1<<14, 0; round < 8; round++ {
		store, err := s.store(parent, actions, hashMap{
			Exclusions: []exclusion{{Start: uint64(at), Length: uint64(length)}}, Alg: "sha256", Name: "jumbf manifest", Hash: sum[:], Pad: []byte{},
		})
		if err != nil {
			return nil, err
		}
		real := wrappedSize(file, len(store))
		if real == length {
			return insert(file, wrapped(file, store), at), nil
		}
		length = real
	}
	return nil, errors.New("c2pa: the manifest's length does not settle")
}

// Room is how many bytes Sign adds to a file, at most.
func (s *Signer) Room(parent *Parent, actions []Action) (int64, error) {
	const jpegStart = "\xff\xd8\xff\xe0\x00\x02\xff\xd9"
	out, err := s.Sign([]byte(jpegStart), parent, actions)
	// The real file's offsets may need more bytes in CBOR.
	return int64(len(out)-len(jpegStart)) + 32, err
}

func (s *Signer) store(parent *Parent, actions []Action, hash hashMap) ([]byte, error) {
	label := s.label(hash.Hash, parent)
	ingredient, err := assertion(labelIngredient, parent.ingredient())
	if err != nil {
		return nil, err
	}
	acts, err := assertion(labelActions, actionsOf(actions, ingredient))
	if err != nil {
		return nil, err
	}
	bound, err := assertion(labelHash, hash)
	if err != nil {
		return nil, err
	}
	all := []*box{ingredient, acts, bound}
	claim := claimMap{
		InstanceID: "xmp:iid:" + label[len("urn:c2pa:"):], Generator: generatorInfo{Generator, s.Version}, Title: parent.source.Title,
		Signature: "self#jumbf=/c2pa/" + label + "/" + labelSignature, Alg: "sha256",
	}
	for _, a := range all {
		claim.Created = append(claim.Created, hashedURI{URL: "self#jumbf=" + labelAssertions + "/" + a.label, Hash: a.sum()})
	}
	claimCBOR, err := encoding.Marshal(claim)
	if err != nil {
		return nil, err
	}
	signature, err := s.Identity.signature(claimCBOR)
	if err != nil {
		return nil, fmt.Errorf("c2pa: sign: %w", err)
	}
	manifest := newBox(typeManifest, label, nil,
		newBox(typeAssertions, labelAssertions, nil, all...),
		newBox(typeClaim, labelClaim, claimCBOR),
		newBox(typeSignature, labelSignature, signature),
	)
	return appendBox(nil, "jumb", newBox(typeStore, "c2pa", nil, append(append([]*box{}, parent.manifests...), manifest)...).raw), nil
}

// label names the manifest by what it is about, so that the same file has the
// same name: a UUID of version 8 (RFC 9562, 5.8).
func (s *Signer) label(hash []byte, parent *Parent) string {
	h := sha256.New()
	h.Write(hash)
	h.Write([]byte(s.Identity.Fingerprint() + "\x00" + parent.source.ID))
	u := h.Sum(nil)[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	x := hex.EncodeToString(u)
	return "urn:c2pa:" + x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

func assertion(label string, value any) (*box, error) {
	data, err := encoding.Marshal(value)
	if err != nil {
		return nil, err
	}
	return newBox(typeCBOR, label, data), nil
}

func (p *Parent) ingredient() ingredientMap {
	m := ingredientMap{Title: p.source.Title, Format: p.source.MIMEType, Relationship: "parentOf", InstanceID: p.source.ID}
	if p.active != nil {
		at := "self#jumbf=/c2pa/" + p.active.label
		m.ActiveManifest = &hashedURI{URL: at, Hash: p.active.sum()}
		if signature := p.active.ofKind(typeSignature); signature != nil {
			m.ClaimSignature = &hashedURI{URL: at + "/" + signature.label, Hash: signature.sum()}
		}
		m.ValidationResults = p.results
	}
	return m
}

func actionsOf(actions []Action, ingredient *box) actionsMap {
	ref := hashedURI{URL: "self#jumbf=" + labelAssertions + "/" + ingredient.label, Hash: ingredient.sum()}
	var out actionsMap
	for _, a := range actions {
		m := actionMap{Action: a.Name, Description: a.Description, DigitalSourceType: a.DigitalSourceType}
		if a.Name == "c2pa.opened" {
			m.Parameters = &actionParameters{Ingredients: []hashedURI{ref}}
		}
		out.Actions = append(out.Actions, m)
	}
	return out
}

// hashOutside is the SHA-256 of a file without the excluded ranges.
func hashOutside(file []byte, exclusions []exclusion) ([]byte, error) {
	h := sha256.New()
	at := uint64(0)
	for _, e := range exclusions {
		if e.Start < at || e.Length > uint64(len(file)) || e.Start > uint64(len(file))-e.Length {
			return nil, errorf(ErrMalformed, "an exclusion outside of the file")
		}
		h.Write(file[at:e.Start])
		at = e.Start + e.Length
	}
	h.Write(file[at:])
	return h.Sum(nil), nil
}

// pngChunksHold reports whether the chunk that carries a store has the right
// checksum, which lies in the excluded range and is else covered by nothing.
func pngChunksHold(file []byte, at span) bool {
	if !bytes.HasPrefix(file, []byte(pngMagic)) {
		return true
	}
	chunk := file[at.start : at.start+at.length]
	want := wrapped(file, chunk[8:len(chunk)-4])
	return binary.BigEndian.Uint32(want[len(want)-4:]) == binary.BigEndian.Uint32(chunk[len(chunk)-4:])
}
