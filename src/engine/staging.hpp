// SPDX-License-Identifier: Apache-2.0
// What was staged and not published yet: the overlay the writer sees before anybody else does.
// Thread safety: none; of the writer. Invariants: cleared by publish() and discard().
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/model/point_id.hpp>

namespace qdrantd::engine {

struct Staging {
    struct Place {
        Slot slot = kNoSlot;   // latest, staged or published
        bool removed = false;  // by a staged operation
    };
    struct PayloadChange {
        bool new_slot = false;
        std::string published;  // what the indexes know; of an old slot
        std::string now;
    };
    struct Ended {
        Slot slot = kNoSlot;
        std::uint64_t seq = 0;
    };
    struct Purged {
        Slot slot = kNoSlot;
        std::string payload;
    };

    std::unordered_map<model::PointId, Place> places;
    std::unordered_map<Slot, PayloadChange> payloads;
    std::unordered_map<Slot, std::uint64_t> versions;  // of points changed in place
    std::vector<Ended> ended;
    std::vector<Purged> purged;
    Slot next_slot = 0;
    std::uint64_t live = 0;

    void restart(Slot slots, std::uint64_t points) {
        places.clear();
        payloads.clear();
        versions.clear();
        ended.clear();
        purged.clear();
        next_slot = slots;
        live = points;
    }
};

}  // namespace qdrantd::engine
