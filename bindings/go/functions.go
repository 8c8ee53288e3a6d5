package bartizan

// function is one of those that the module exports.
type function int

const (
	abiVersion function = iota
	engineVersion
	alloc
	free
	builderNew
	builderUpdate
	builderRemove
	builderPaths
	builderBuild
	instanceAddresses
	instanceActions
	instanceFree
	contextNew
	subcontextNew
	contextEval
	contextError
	contextFree
	hostNew
	hostSettings
	hostSelfCheck
	hostDoctor
	requestNew
	requestStart
	requestBody
	requestEvent
	requestEval
	requestResponse
	requestResponseBody
	requestFinish
	requestError
	requestFree
	rulesNew
	rulesOffer
	rulesRestore
	rulesSave
	rulesInstance
	functionCount
)

var names = [functionCount]string{
	abiVersion:          "bartizan_abi",
	engineVersion:       "bartizan_version",
	alloc:               "bartizan_alloc",
	free:                "bartizan_free",
	builderNew:          "bartizan_builder_new",
	builderUpdate:       "bartizan_builder_update",
	builderRemove:       "bartizan_builder_remove",
	builderPaths:        "bartizan_builder_paths",
	builderBuild:        "bartizan_builder_build",
	instanceAddresses:   "bartizan_instance_addresses",
	instanceActions:     "bartizan_instance_actions",
	instanceFree:        "bartizan_instance_free",
	contextNew:          "bartizan_context_new",
	subcontextNew:       "bartizan_subcontext_new",
	contextEval:         "bartizan_context_eval",
	contextError:        "bartizan_context_error",
	contextFree:         "bartizan_context_free",
	hostNew:             "bartizan_host_new",
	hostSettings:        "bartizan_host_settings",
	hostSelfCheck:       "bartizan_host_self_check",
	hostDoctor:          "bartizan_host_doctor",
	requestNew:          "bartizan_request_new",
	requestStart:        "bartizan_request_start",
	requestBody:         "bartizan_request_body",
	requestEvent:        "bartizan_request_event",
	requestEval:         "bartizan_request_eval",
	requestResponse:     "bartizan_request_response",
	requestResponseBody: "bartizan_request_response_body",
	requestFinish:       "bartizan_request_finish",
	requestError:        "bartizan_request_error",
	requestFree:         "bartizan_request_free",
	rulesNew:            "bartizan_rules_new",
	rulesOffer:          "bartizan_rules_offer",
	rulesRestore:        "bartizan_rules_restore",
	rulesSave:           "bartizan_rules_save",
	rulesInstance:       "bartizan_rules_instance",
}
