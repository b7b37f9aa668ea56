// SPDX-License-Identifier: Apache-2.0
// From method and path to a handler. Literal segments win over parameters; a literal without a
// handler for the method falls back to a parameter (`GET /collections/aliases` is the collection of
// that name). Empty segments are skipped, so trailing and doubled slashes do not matter.
// Thread safety: add() before use, match() from any thread afterwards.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <qdrantd/common/result.hpp>

#include "api/rest/message.hpp"

namespace qdrantd::rest {

using Handler = std::function<void(Request&, Responder)>;

class Router {
  public:
    struct Match {
        const Handler* handler = nullptr;  // null: unknown path or wrong method
        std::vector<std::string> params;
    };

    Router();
    ~Router();

    /// Pattern such as `/collections/{collection_name}/points`.
    void add(Method method, std::string_view pattern, Handler handler);
    /// Errors: kFormat when a parameter's percent-encoding is broken, kValidation when it is no
    /// possible name.
    [[nodiscard]] Result<Match> match(Method method, std::string_view path) const;

  private:
    struct Node;
    std::unique_ptr<Node> root_;
};

}  // namespace qdrantd::rest
