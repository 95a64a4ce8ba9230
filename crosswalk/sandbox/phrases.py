"""What people write to each other, in English and German: the words of the mails, by occasion.

A template's fields are filled by the correspondence; `{first}` is the given name of who is spoken to.
"""

GREETINGS = {
    "en": ("Hi {first},", "Hello {first},", "Dear {first},"),
    "de": ("Guten Tag {first},", "Hallo {first},", "Liebe Kolleginnen und Kollegen,"),
}
CLOSINGS = {
    "en": ("Best regards", "Kind regards", "Many thanks", "Cheers"),
    "de": ("Mit freundlichen Grüßen", "Viele Grüße", "Beste Grüße"),
}

COMPLAINT = {
    "en": (
        "I am afraid we have to complain: {subject}. This concerns our order {order}. Our line in {city} is standing still because of it, "
        "so please tell us today what you intend to do.",
        "we are not happy with the last delivery ({order}). {subject}. Please open a ticket and send somebody, or a replacement.",
        "{subject} - that is the second time this year. The order was {order}. When can we expect a remedy?",
    ),
    "de": (
        "leider müssen wir reklamieren: {subject}. Es geht um unsere Bestellung {order}. Die Anlage in {city} steht deswegen still. "
        "Bitte sagen Sie uns heute noch, wie es weitergeht.",
        "mit der letzten Lieferung ({order}) sind wir nicht zufrieden. {subject}. Bitte um Ersatz oder einen Techniker vor Ort.",
    ),
}
COMPLAINT_ANSWER = {
    "en": (
        "I am sorry about the trouble. I have opened a ticket, and a replacement leaves our works in Hamburg tomorrow morning.",
        "thank you for telling us. Daniel Ostrowski from our service will call you within the day; the repair is of course free of charge.",
    ),
    "de": (
        "das tut uns leid. Ich habe ein Ticket angelegt, der Ersatz verlässt morgen früh unser Werk in Hamburg.",
        "danke für den Hinweis. Daniel Ostrowski aus unserem Service ruft Sie heute noch an; die Reparatur ist selbstverständlich "
        "kostenlos.",
    ),
}
THANKS = {
    "en": ("thanks, that works for us. Please copy {colleague} on the confirmation.", "understood, thank you for the quick answer.",
           "perfect. I will pass it on to {colleague}."),
    "de": ("danke, so passt es für uns. Bitte {colleague} in Kopie nehmen.", "alles klar, vielen Dank für die schnelle Antwort."),
}  # fmt: skip
ORDER = {
    "en": (
        "please find our purchase order {reference}: {lines}. Delivery to {street}, {city}. Please confirm price and date.",
        "we would like to order {lines} under our number {reference}. The usual delivery address, {street} in {city}, applies.",
    ),
    "de": (
        "hiermit bestellen wir unter der Nummer {reference}: {lines}. Lieferung an {street}, {city}. Bitte um Bestätigung von "
        "Preis und Termin.",
        "anbei unsere Bestellung {reference}: {lines}. Lieferanschrift wie üblich {street} in {city}.",
    ),
}
ORDER_ANSWER = {
    "en": ("thank you for your order. It is in our system as {order}, {total} net, and ships in calendar week {week}.",
           "confirmed: {order} over {total} net. Delivery in week {week}; you will get the tracking number separately."),
    "de": ("vielen Dank für Ihre Bestellung. Sie läuft bei uns unter {order}, {total} netto, und geht in KW {week} raus.",
           "bestätigt: {order} über {total} netto, Lieferung in KW {week}."),
}  # fmt: skip
PRICE = {
    "en": (
        "for {deal} your offer of {amount} is above what we had in mind. At ten percent less I could sign this month.",
        "we have compared offers for {deal}. {amount} is hard to defend in front of our board; is there room in the price or the "
        "payment terms?",
    ),
    "de": (
        "zu {deal}: Ihr Angebot über {amount} liegt über unserem Budget. Mit zehn Prozent Nachlass könnte ich noch diesen Monat "
        "unterschreiben.",
        "wir haben für {deal} verglichen. {amount} kann ich intern schwer vertreten. Geht noch etwas beim Preis oder beim Zahlungsziel?",
    ),
}
PRICE_ANSWER = {
    "en": ("I can offer five percent if you take the whole quantity at once, or 45 days instead of 30. The current price list is attached.",
           "let me see what I can do; for the full quantity I could come down by four percent. I attach the price list."),
    "de": ("bei Abnahme der Gesamtmenge kann ich fünf Prozent anbieten, oder 45 statt 30 Tage Ziel. Die aktuelle Preisliste hängt an.",),
}  # fmt: skip
RENEWAL = {
    "en": ("our {kind} {reference} renews on {renews}. If you wish to change anything, let me know before the notice period of "
    "{notice} begins.",
           "a reminder that {reference} ({kind}) runs on from {renews} for another twelve months unless one of us gives {notice} notice."),
    "de": ("unser Vertrag {reference} ({kind}) verlängert sich am {renews}. Falls Sie etwas ändern möchten, melden Sie sich bitte "
    "vor Beginn "
           "der Kündigungsfrist von {notice}.",),
}  # fmt: skip
RENEWAL_ANSWER = {
    "en": (
        "we want to go on with it as it is. {colleague} will sign for us.",
        "please leave it as it is for this year, but let us talk about the prices.",
    ),
    "de": ("wir möchten unverändert verlängern. Für uns unterschreibt {colleague}.",),
}
REMINDER = {
    "en": ("our invoice {invoice} over {total} was due on {due} and is still open. Could you please look into it?",),
    "de": ("unsere Rechnung {invoice} über {total} war am {due} fällig und ist noch offen. Bitte prüfen Sie das.",),
}
REMINDER_ANSWER = {
    "en": (
        "the invoice was held up in our approval. It is scheduled for the next payment run.",
        "we are missing the delivery note; please send it again.",
    ),
    "de": ("die Rechnung hing in der Freigabe. Sie ist für den nächsten Zahlungslauf vorgesehen.",),
}
MOVED = {
    "en": ("a short note in my own matter: I have left {old} and work for {new} now. My mobile number {mobile} stays the same, my "
    "old address "
           "{email} is no longer read.",),
    "de": ("kurz in eigener Sache: Ich habe {old} verlassen und arbeite jetzt bei {new}. Meine Mobilnummer {mobile} bleibt, die "
    "alte Adresse "
           "{email} wird nicht mehr gelesen.",),
}  # fmt: skip
PRIVATE = {
    "en": ("I am travelling and write from my private account. Could you send me the data sheet of the {product}? My mobile is {mobile}.",),
    "de": ("ich bin unterwegs und schreibe vom privaten Konto. Können Sie mir das Datenblatt {product} schicken? Mobil: {mobile}.",),
}
SUBJECTS = {
    "complaint": {"en": "Complaint: {subject}", "de": "Reklamation: {subject}"},
    "order": {"en": "Purchase order {reference}", "de": "Bestellung {reference}"},
    "price": {"en": "Your offer for {deal}", "de": "Ihr Angebot {deal}"},
    "renewal": {"en": "Renewal of {reference}", "de": "Verlängerung {reference}"},
    "reminder": {"en": "Reminder: {invoice}", "de": "Zahlungserinnerung {invoice}"},
    "moved": {"en": "New address", "de": "Neue Adresse"},
    "private": {"en": "Data sheet {product}", "de": "Datenblatt {product}"},
}
DATA_SHEET = {
    "en": (
        "The data sheet of the {product} is attached with our price list. Safe travels!",
        "here it is. Let me know if you need the drawings of the {product} too.",
    ),
    "de": ("anbei das Datenblatt {product} mit der Preisliste. Gute Reise!",),
}
#: The complaints of the tickets, which our service writes in English, in the customer's own words.
GERMAN = {
    "display stays dark after power-up": "Anzeige bleibt nach dem Einschalten dunkel",
    "drifts by more than two percent after a week": "driftet nach einer Woche um mehr als zwei Prozent",
    "arrived with a cracked housing": "kam mit gerissenem Gehäuse an",
    "seal kit missing from the delivery": "Dichtungssatz fehlte in der Lieferung",
    "calibration certificate not enclosed": "Kalibrierschein lag nicht bei",
    "loses its settings when the power fails": "verliert bei Stromausfall die Einstellungen",
    "delivered two weeks after the confirmed date": "Lieferung zwei Wochen nach dem bestätigten Termin",
    "invoice shows the old billing address": "Rechnung trägt die alte Anschrift",
}
DAYS = {"en": "%d %b %Y at %H:%M", "de": "%d.%m.%Y um %H:%M", "outlook": "%d %B %Y %H:%M"}
QUOTED = {
    "en": "On {day}, {who} wrote:",
    "de": "Am {day} schrieb {who}:",
    "outlook": "-----Original Message-----\nFrom: {who}\nSent: {day}\nSubject: {subject}",
}
