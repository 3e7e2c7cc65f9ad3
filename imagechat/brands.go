package imagechat

import (
	"context"
	"regexp"
)

// Bounds of a brand kit.
const (
	maxBrandName  = 100
	maxBrandText  = 2000
	maxBrandRules = 20
	maxBrandRule  = 300
	maxColorName  = 50
	maxColors     = 12
)

// BrandPatch changes what is not nil.
type BrandPatch struct {
	Name, Description, Typography, Tone *string
	Palette                             *[]Color
	Do, Dont                            *[]string
	LogoImageID                         *ImageID
}

var hexColor = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// checkBrand checks what of a brand is given.
func (s *library) checkBrand(ctx context.Context, r Repository, p *BrandPatch) error {
	checks := []error{
		checkGiven("name", p.Name, 1, maxBrandName),
		checkGiven("description", p.Description, 0, maxBrandText),
		checkGiven("typography", p.Typography, 0, maxBrandText),
		checkGiven("tone", p.Tone, 0, maxBrandText),
		checkRules("do", p.Do),
		checkRules("dont", p.Dont),
		checkPalette(p.Palette),
	}
	if p.LogoImageID != nil && *p.LogoImageID != "" {
		if _, err := s.image(ctx, r, *p.LogoImageID); CodeOf(err) == ImageNotFound {
			checks = append(checks, invalid("logo_image_id", "unknown"))
		} else if err != nil {
			return err
		}
	}
	return joinFields(checks...)
}

func checkGiven(location string, text *string, least, most int) error {
	if text == nil {
		return nil
	}
	return checkText(location, *text, least, most)
}

func checkPalette(palette *[]Color) error {
	if palette == nil {
		return nil
	}
	var checks []error
	if len(*palette) > maxColors {
		checks = append(checks, invalid("palette", "too_many", 0, maxColors))
	}
	for _, c := range *palette {
		if !hexColor.MatchString(c.Hex) {
			checks = append(checks, invalid("palette", "hex_color"))
		}
		checks = append(checks, checkText("palette", c.Name, 0, maxColorName))
	}
	return joinFields(checks...)
}

func checkRules(location string, rules *[]string) error {
	if rules == nil {
		return nil
	}
	if len(*rules) > maxBrandRules {
		return invalid(location, "too_many", 0, maxBrandRules)
	}
	for _, rule := range *rules {
		if err := checkText(location, rule, 1, maxBrandRule); err != nil {
			return err
		}
	}
	return nil
}

// asPatch names all that a person gives of a brand.
func (b *Brand) asPatch() *BrandPatch {
	return &BrandPatch{
		Name: &b.Name, Description: &b.Description, Typography: &b.Typography, Tone: &b.Tone,
		Palette: &b.Palette, Do: &b.Do, Dont: &b.Dont, LogoImageID: &b.LogoImageID,
	}
}

// CreateBrand does what [Service.CreateBrand] promises.
func (s *library) CreateBrand(ctx context.Context, b Brand) (*Brand, error) {
	if err := s.checkBrand(ctx, s.repo, b.asPatch()); err != nil {
		return nil, err
	}
	now := s.now()
	b.ID, b.Owner, b.CreatedAt, b.UpdatedAt = BrandID(newID(now)), OwnerOf(ctx), now, now
	return &b, s.repo.CreateBrand(ctx, &b)
}

// Brand does what [Service.Brand] promises.
func (s *library) Brand(ctx context.Context, id BrandID) (*Brand, error) {
	return s.brandIn(ctx, s.repo, id)
}

func (s *library) brandIn(ctx context.Context, r BrandStore, id BrandID) (*Brand, error) {
	if !idForm(id) {
		return nil, &Error{Code: NotFound}
	}
	b, err := r.GetBrand(ctx, id)
	if err != nil {
		return nil, err
	}
	if b.Owner != OwnerOf(ctx) {
		return nil, &Error{Code: NotFound}
	}
	return b, nil
}

// Brands does what [Service.Brands] promises.
func (s *library) Brands(ctx context.Context) ([]Brand, error) {
	found, err := s.repo.ListBrands(ctx, OwnerOf(ctx))
	out := make([]Brand, len(found))
	for i, b := range found {
		out[i] = *b
	}
	return out, err
}

// UpdateBrand does what [Service.UpdateBrand] promises.
func (s *library) UpdateBrand(ctx context.Context, id BrandID, p BrandPatch) (*Brand, error) {
	var out *Brand
	var gone []BlobKey
	err := s.repo.Atomically(ctx, func(r Repository) error {
		b, err := s.brandIn(ctx, r, id)
		if err != nil {
			return err
		}
		before := b.LogoImageID
		p.apply(b)
		if err := s.checkBrand(ctx, r, &p); err != nil {
			return err
		}
		b.UpdatedAt = s.now()
		if err := r.UpdateBrand(ctx, b); err != nil {
			return err
		}
		out = b
		if b.LogoImageID != before {
			gone, err = s.dropLogo(ctx, r, before)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.stores.deleteBlobs(context.WithoutCancel(ctx), gone)
	return out, nil
}

func (p *BrandPatch) apply(b *Brand) {
	set(&b.Name, p.Name)
	set(&b.Description, p.Description)
	set(&b.Typography, p.Typography)
	set(&b.Tone, p.Tone)
	set(&b.Palette, p.Palette)
	set(&b.Do, p.Do)
	set(&b.Dont, p.Dont)
	set(&b.LogoImageID, p.LogoImageID)
}

// DeleteBrand does what [Service.DeleteBrand] promises.
func (s *library) DeleteBrand(ctx context.Context, id BrandID) error {
	var gone []BlobKey
	err := s.repo.Atomically(ctx, func(r Repository) error {
		b, err := s.brandIn(ctx, r, id)
		if err != nil {
			return err
		}
		if err := r.DeleteBrand(ctx, id); err != nil {
			return err
		}
		gone, err = s.dropLogo(ctx, r, b.LogoImageID)
		return err
	})
	if err == nil {
		s.stores.deleteBlobs(context.WithoutCancel(ctx), gone)
	}
	return err
}

// dropLogo removes a logo that a brand has given up, where nothing uses it.
func (s *library) dropLogo(ctx context.Context, r Repository, id ImageID) ([]BlobKey, error) {
	if id == "" {
		return nil, nil
	}
	unused, err := r.UnusedUploads(ctx, s.now().Add(day), 1, id)
	if err != nil || len(unused) == 0 || unused[0].Role != ImageLogo || unused[0].Owner != OwnerOf(ctx) {
		return nil, err
	}
	return dropImage(ctx, r, unused[0])
}

// forgetLogo takes a picture that is being deleted from the brands that have
// it as their logo.
func (s *library) forgetLogo(ctx context.Context, r BrandStore, img *Image) error {
	if img.Role == ImageGenerated {
		return nil
	}
	brands, err := r.ListBrands(ctx, img.Owner)
	if err != nil {
		return err
	}
	for _, b := range brands {
		if b.LogoImageID != img.ID {
			continue
		}
		b.LogoImageID, b.UpdatedAt = "", s.now()
		if err := r.UpdateBrand(ctx, b); err != nil {
			return err
		}
	}
	return nil
}
