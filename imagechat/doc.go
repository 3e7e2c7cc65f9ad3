// Package imagechat makes marketing images by conversation: a person says
// what is needed, in Korean or English, talks until the picture is right, and
// leaves with files of the exact pixels that each placement demands.
//
// The package holds every rule of that and nothing else: no web framework, no
// database, no vendor's SDK. It stands on five ports ([Generator],
// [Repository], [BlobStore], [Spool], [Publisher]), for which the adapters
// directory has implementations and imagechattest has conformance suites.
//
// # A tour in three minutes
//
// Join the ports and start:
//
//	svc, err := imagechat.New(imagechat.Ports{
//		Generator:  demo.New(nil),            // or gemini.New(…)
//		Repository: memory.NewRepository(),   // or bunstore.Open(…)
//		Blobs: files, Spool: files.Spool(),   // fsblob.Open(…)
//	}, nil)
//	err = svc.Start(ctx)          // recovers what an earlier process left
//	defer svc.Close(ctx)
//
// A [Session] is one conversation about one picture, for one [Purpose] (a
// placement with its pixels, limits and safe areas). A [Turn] is one thing
// said and what became of it:
//
//	sess, err := svc.CreateSession(ctx, imagechat.NewSession{ImagePurpose: "instagram_post"})
//	msg, err := svc.Run(ctx, sess.ID, imagechat.TurnRequest{
//		Kind: imagechat.KindConverse, Content: "창가에 놓인 조명을 보여 줘",
//	}, "a key of yours, so that sending twice costs once") // msg.Text, msg.Images
//
// [Service.Run] is [Service.Submit], [Service.Wait] and [Service.Message] in
// one; programs that show progress or come back later call them one by one.
// [Service.Draw] is all of it for a single file.
//
// [Service.Subscribe] follows a session as it happens: durable events,
// numbered without gaps, and passing hints about a turn at work. The package
// finish, and [Service.Export] on top of it, turn a picture into the file
// that a placement takes.
//
// # What is promised
//
// When Submit returns, the turn is recorded and will run, whatever happens to
// the caller or the process. Every paid call is a row of a ledger (see
// [Attempt]) that is committed before the first byte leaves; what was received
// is on disk before anything else changes, and a restart adopts it. A call
// whose answer was lost is never repeated by itself: it may have been charged,
// is booked at its estimate, and the person decides. One turn of a session
// runs at a time, in order; sessions run side by side.
//
// # Errors
//
// Every error carries a [Code]: errors.Is(err, imagechat.SessionNotFound), or
// [CodeOf]. Many are an *[Error] with fields, reasons and the time to wait.
// An error without a code is a fault of a port or of this package and counts
// as [Internal]; its text is for logs, never for people.
//
// # Owners
//
// Calls act for the owner that [WithOwner] put into the context, the empty one
// without it. What belongs to another owner does not exist.
//
// # Stores
//
// A repository and a blob store belong together: what one does not refer to is
// swept from the other, into a trash for 30 days where there is one. Start
// marks both ([Identified]) and refuses those that are not a pair, and it holds
// both ([Locker]): two Services on the same stores, as in a deployment that
// starts the new program before the old one has ended, would each take the
// other's calls for lost. A second one is refused with [ErrInUse]; wait until
// the first has been closed.
//
// # Concurrency
//
// A Service and all ports may be used from many goroutines at once; a
// [Subscription] belongs to one. Nothing runs before Start, and nothing after
// Close returned. Values that are passed in and out are the receiver's own.
package imagechat
